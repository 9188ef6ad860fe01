"""Commands for development; never part of the production image."""
