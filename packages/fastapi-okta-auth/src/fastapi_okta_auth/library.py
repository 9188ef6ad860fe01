"""okta-jwt-verifier without the HTTP clients that it imports to fetch keys; keys.py fetches them."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final


class _Deferred(ModuleType):
    """A placeholder for a module that is imported when one of its attributes is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


# Both take long to import. The library keeps the placeholders and works with them; other modules
# import the packages as usual.
_unused: Final = [name for name in ("aiohttp", "requests") if name not in sys.modules]
sys.modules.update({name: _Deferred(name) for name in _unused})
try:
    from okta_jwt_verifier import BaseJWTVerifier
    from okta_jwt_verifier.exceptions import JWTValidationException
finally:
    for _name in _unused:
        del sys.modules[_name]

__all__ = ["BaseJWTVerifier", "JWTValidationException"]
