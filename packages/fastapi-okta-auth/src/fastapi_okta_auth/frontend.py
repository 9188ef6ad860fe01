"""A frontend, such as a React build: public where no route or mount of the application matches."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

_METHODS: Final = frozenset({"GET", "HEAD"})


class Frontend:
    """The requests that a frontend alone responds to.

    Each test asks the application's routes, as the router does, so a route that is added later
    keeps its rule.
    """

    def __init__(self, path: str, routes: Sequence[BaseRoute], mount: BaseRoute | None = None) -> None:
        """Describe the frontend at `path`; `mount` serves it, if it is one of `routes`."""
        self._prefix = path.rstrip("/") + "/"
        self._routes = routes
        self._mount = mount

    def __contains__(self, scope: Scope) -> bool:
        """Whether the request is a GET or HEAD that no route or mount matches, with any method."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope.get("method") not in _METHODS or not f"{path}/".startswith(self._prefix):
            return False
        # The router redirects a path without its final slash, or with one too many, to a route.
        full = scope["path"]
        other = full.rstrip("/") if full.endswith("/") else full + "/"
        return not any(
            _may_match(route, {**scope, "path": spelling})
            for route in self._routes
            if route is not self._mount
            for spelling in (full, other)
        )


def is_hidden(scope: Scope) -> bool:
    """Whether the path has a segment that starts with a dot: `.env`, `.git`, or `..`."""
    return "/." in scope["path"].replace("\\", "/")


def _may_match(route: BaseRoute, scope: Scope) -> bool:
    try:
        return route.matches(scope)[0] is not Match.NONE
    except ValueError:  # more digits than int() reads
        return True
