"""A token, examined by the service's own verifier; nothing that could be replayed is printed."""

import time
from collections.abc import Iterator
from typing import Any, Final

from backend.doctor.result import Result, green, red
from backend.okta import OktaTokenVerifier
from backend.okta.credentials import bearer_token
from backend.okta.errors import InvalidToken, KeysUnavailable, OktaAuthError, Reason
from backend.okta.token import parse_token
from backend.settings import Settings

# The checks in the order in which the verifier makes them, by what a person calls them.
_CHECKS: Final = {
    "form": (Reason.TOO_LARGE, Reason.MALFORMED),
    "header": (Reason.ALGORITHM, Reason.KEY_ID, Reason.CRITICAL, Reason.TYPE),
    "issuer": (Reason.ISSUER,),
    "audience": (Reason.AUDIENCE,),
    "client": (Reason.CLIENT,),
    "subject": (Reason.SUBJECT,),
    "bearer": (Reason.BOUND,),
    "times": (Reason.EXPIRY, Reason.EXPIRED, Reason.NOT_YET_VALID),
    "key": (Reason.UNKNOWN_KEY,),
    "signature": (Reason.SIGNATURE, Reason.CLAIMS),
}


async def check_token(verifier: OktaTokenVerifier, settings: Settings, token: str) -> list[Result]:
    """Tell which checks `token` passes, and of the first that it fails why and what to change."""
    try:
        principal = await verifier.verify(bearer_token([(b"authorization", f"Bearer {token}".encode())]))
    except KeysUnavailable:
        return [red("token", "no verdict: the keys cannot be had", "mend what is red above, then try again")]
    except InvalidToken as error:
        return list(_up_to(error.why, settings, token))
    except OktaAuthError:
        return list(_up_to(Reason.MALFORMED, settings, token))
    minutes = (principal.expires_at - time.time()) / 60
    scopes = " ".join(principal.scopes) or "none"
    return [
        *(green(f"token {check}", "passes") for check in _CHECKS),
        green(
            "token",
            f"accepted: {principal.subject} by {principal.client_id}, scopes {scopes},"
            f" {minutes:.0f} min left",
        ),
    ]


def _up_to(why: Reason, settings: Settings, token: str) -> Iterator[Result]:
    for check, reasons in _CHECKS.items():
        if why in reasons:
            finding, remedy = _explain(why, settings, token)
            yield red(f"token {check}", f"{why}: {finding}" if finding else str(why), remedy)
            return
        yield green(f"token {check}", "passes")


def _explain(why: Reason, settings: Settings, token: str) -> tuple[str, str]:
    """What the token says there, and which setting to change."""
    claims, now = _claims(token), time.time()
    match why:
        case Reason.ISSUER:
            return _said(claims, "iss"), _issuer_remedy(claims, settings)
        case Reason.AUDIENCE:
            remedy = f"OKTA_AUDIENCE is {settings.okta_audience[0]}; set it to the audience in Okta"
            return _said(claims, "aud"), remedy
        case Reason.CLIENT:
            return _said(claims, "cid"), "add that client id to OKTA_CLIENT_ID, if it may call this API"
        case Reason.EXPIRED:
            return (
                f"{now - claims['exp']:.0f} s ago",
                "get a new one; if it is new, see clock above or OKTA_LEEWAY",
            )
        case Reason.NOT_YET_VALID:
            times = [claims[name] for name in ("nbf", "iat") if isinstance(claims.get(name), int | float)]
            return (
                f"{max(times, default=now) - now:.0f} s ahead",
                "set the clocks by NTP; OKTA_LEEWAY allows up to 300 s",
            )
    return "", _REMEDIES[why]


_REMEDIES: Final = {
    Reason.TOO_LARGE: "leave out claims: a header holds 16 KiB (Okta: Claims, of a large groups filter)",
    Reason.MALFORMED: "send the access token alone, as Okta issued it; not the ID token, not in quotes",
    Reason.ALGORITHM: "tokens of an Okta authorization server are signed with RS256: where is this one from?",
    Reason.KEY_ID: "tokens of an Okta authorization server name their key: where is this one from?",
    Reason.CRITICAL: "tokens of an Okta authorization server demand no extension: where is this one from?",
    Reason.TYPE: "send the access token, not another kind of JWT",
    Reason.SUBJECT: "tokens of an Okta authorization server name a subject: where is this one from?",
    Reason.BOUND: "turn DPoP off for this client in Okta, or put a DPoP-aware proxy in front",
    Reason.EXPIRY: "tokens of an Okta authorization server expire: where is this one from?",
    Reason.UNKNOWN_KEY: "is it from before a rotation? get a new one; if it is new, see OKTA_JWKS_URI",
    Reason.SIGNATURE: "it was changed on the way, or is forged; get a new one",
    Reason.CLAIMS: "report this: okta-jwt-verifier refuses what this service accepts",
}


def _issuer_remedy(claims: dict[str, Any], settings: Settings) -> str:
    iss = claims.get("iss")
    if isinstance(iss, str) and "/oauth2/" not in iss:
        return "ask a custom authorization server for the token: no one but Okta can verify this one's"
    return f"OKTA_ISSUER is {settings.okta_issuer[0]}; it must equal the token's iss, letter by letter"


def _said(claims: dict[str, Any], name: str) -> str:
    return f"{name} is {str(claims[name])[:200]!r}" if name in claims else f"there is no {name}"


def _claims(token: str) -> dict[str, Any]:
    try:
        return parse_token(token.encode()).claims
    except InvalidToken:
        return {}
