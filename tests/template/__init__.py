"""The template: what `make new` generates from this repository."""
