"""Properties of the whole service, for any input."""
