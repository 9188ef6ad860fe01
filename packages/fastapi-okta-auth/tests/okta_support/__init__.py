"""Verifying tokens: the middleware, the verifier, the signing keys."""
