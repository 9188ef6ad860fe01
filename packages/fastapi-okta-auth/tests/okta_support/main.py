"""The application under test as a server, or the doctor, imports it."""

from okta_support.app import Settings, app_for

app = app_for(Settings(okta_issuer="https://example.okta.com/oauth2/default", okta_client_id="0oaexample"))
