"""The images on a real Docker engine: `make smoke`."""
