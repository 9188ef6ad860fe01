"""The value of `WWW-Authenticate` (RFC 9110 section 11.6.1)."""

from typing import Final, NamedTuple

REALM: Final = "api"


class Scheme(NamedTuple):
    """An authentication scheme, and the parameters that each of its challenges has."""

    name: str
    parameters: str = ""


BEARER: Final = Scheme("Bearer")


def parameters(**values: str | None) -> str:
    """Return the realm and `values` as the parameters of a challenge; None and "" are left out."""
    present = {"realm": REALM, **values}
    return ", ".join(f'{name}="{value}"' for name, value in present.items() if value)


def www_authenticate(parameters: str, metadata_url: str, schemes: tuple[Scheme, ...]) -> str:
    """Return one challenge for each of `schemes`.

    The first has `parameters`, so that there is one `error` at most, and `metadata_url` as
    `resource_metadata` (RFC 9728 section 5.1), if it is not empty.
    """
    first, *others = schemes
    pointer = f'resource_metadata="{metadata_url}"' if metadata_url else ""
    challenge = [f"{first.name} {parameters}", pointer, first.parameters]
    offers = [f"{other.name} {other.parameters}" for other in others]
    return ", ".join(part for part in [*challenge, *offers] if part)
