"""The service with the authentication taken out, and nothing else."""

from backend.app import create_app
from backend.okta import OktaJWTMiddleware
from backend.settings import Settings

app = create_app(Settings.load())
app.user_middleware = [
    layer
    for layer in app.user_middleware
    if layer.cls is not OktaJWTMiddleware  # type: ignore[comparison-overlap] # it is that class
]
