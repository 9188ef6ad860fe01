"""A local authorization server in the shape of Okta, for development and tests only."""
