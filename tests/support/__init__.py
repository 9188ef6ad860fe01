"""What the tests share, and commands of their own."""

import os

# backend.main reads the settings when it is imported; pytest's conftest.py sets the same.
os.environ.setdefault("OKTA_ISSUER", "https://example.okta.com/oauth2/default")
os.environ.setdefault("OKTA_CLIENT_ID", "0oaexample")
