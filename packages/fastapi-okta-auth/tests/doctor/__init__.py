"""The doctor: `python -m backend doctor`."""
