"""A local authorization server that behaves like Okta, for development and tests only."""
