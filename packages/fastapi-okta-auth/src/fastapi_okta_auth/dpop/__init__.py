"""DPoP: an access token is valid only with a proof that the caller has its key (RFC 9449)."""
