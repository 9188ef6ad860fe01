"""The doctor: `python -m fastapi_okta_auth.doctor`."""
