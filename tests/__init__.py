"""Tests over real HTTP, with real keys and real signatures."""

import os
import sys
from pathlib import Path

# For `python -m tests.…`: pytest's `pythonpath` and conftest.py say the same.
sys.path.append(str(Path(__file__).parents[1] / "packages/fastapi-okta-auth/tests"))
os.environ.setdefault("OKTA_ISSUER", "https://example.okta.com/oauth2/default")
os.environ.setdefault("OKTA_CLIENT_ID", "0oaexample")
