"""The value of `WWW-Authenticate` (RFC 9110 section 11.6.1)."""

from typing import Final, NamedTuple

REALM: Final = "api"


class Scheme(NamedTuple):
    """An authentication scheme, and the parameters in each of its challenges."""

    name: str
    parameters: str = ""


BEARER: Final = Scheme("Bearer")


def parameters(**values: str | None) -> str:
    """Format the realm and `values` as the parameters of a challenge, without None and ""."""
    present = {"realm": REALM, **values}
    return ", ".join(f'{name}="{value}"' for name, value in present.items() if value)


def www_authenticate(parameters: str, metadata_url: str, schemes: tuple[Scheme, ...]) -> str:
    """Return one challenge for each of `schemes`.

    Only the first has `parameters`, so that there is at most one `error`. It also has
    `resource_metadata` (RFC 9728 section 5.1) if `metadata_url` is not empty.
    """
    first, *others = schemes
    pointer = f'resource_metadata="{metadata_url}"' if metadata_url else ""
    challenge = [f"{first.name} {parameters}", pointer, first.parameters]
    offers = [f"{other.name} {other.parameters}" for other in others]
    return ", ".join(part for part in [*challenge, *offers] if part)
