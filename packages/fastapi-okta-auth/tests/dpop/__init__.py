"""DPoP (RFC 9449): tokens that are bound to a key."""
