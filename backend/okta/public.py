"""Which routes are public: what they say of themselves, and nothing else."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

# In OpenAPI an empty list lifts the security that the document demands elsewhere, so one
# declaration serves the middleware and the document: @router.get("/x", openapi_extra=PUBLIC).
PUBLIC: Final[dict[str, Any]] = {"security": []}


def public_routes(routes: Iterable[BaseRoute]) -> frozenset[tuple[str, str]]:
    """Return method and path of every route that is declared with `openapi_extra=PUBLIC`.

    Raises ValueError where such a route has path parameters (a public path is named in
    full), or where another route would answer in its place.
    """
    contexts = list(iter_route_contexts(list(routes)))
    found = [(method, context) for context in contexts for method in _public_methods(context)]
    for method, context in found:
        if "{" in str(context.path):
            raise ValueError(f"public route {context.path} has path parameters")
        first = next(other for other in contexts if _answers(other, method, str(context.path)))
        if first.original_route is not context.original_route:
            raise ValueError(f"public route {context.path} stands behind {first.path}")
    public = {(method, str(context.path)) for method, context in found}
    # HEAD is routed as GET.
    return frozenset(public | {("HEAD", path) for method, path in public if method == "GET"})


def _public_methods(context: RouteContext) -> Iterator[str]:
    extra = getattr(context, "openapi_extra", None) or {}
    if extra.get("security") == []:
        yield from context.methods or ()


def _answers(context: RouteContext, method: str, path: str) -> bool:
    regex = getattr(context, "path_regex", None)
    if regex is None or regex.match(path) is None:
        return False
    methods = context.methods
    return methods is None or method in methods
