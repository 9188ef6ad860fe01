"""The API: FastAPI, guarded by Okta access tokens."""
