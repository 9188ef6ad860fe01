"""Check a token with the service's own verifier, and what a route requires. No part of it is printed."""

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from fastapi import FastAPI

from fastapi_okta_auth.credentials import credentials
from fastapi_okta_auth.doctor.report import Result, Section, amber, claim_text, green, red
from fastapi_okta_auth.doctor.requirements import check_required_claims
from fastapi_okta_auth.errors import InvalidToken, KeysUnavailable, OktaAuthError, Reason
from fastapi_okta_auth.principal import Principal
from fastapi_okta_auth.settings import OktaSettings
from fastapi_okta_auth.token import parse_token
from fastapi_okta_auth.verifier import OktaTokenVerifier

# The verifier's checks in their order.
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
_SECTIONS: Final = {
    "issuer": Section.SERVER,
    "audience": Section.SERVER,
    "client": Section.APPLICATION,
    "bearer": Section.APPLICATION,
}
_NOT_OKTA: Final = "tokens of an Okta authorization server are different: where is this one from?"
_REMEDIES: Final[dict[StrEnum, str]] = {
    Reason.TOO_LARGE: "remove claims: a header holds 16 KiB (Okta: Claims; often a wide groups filter)",
    Reason.MALFORMED: "send the access token alone, as Okta issued it; not the ID token, not in quotes",
    Reason.ALGORITHM: _NOT_OKTA,
    Reason.KEY_ID: _NOT_OKTA,
    Reason.CRITICAL: _NOT_OKTA,
    Reason.TYPE: "send the access token, not another kind of JWT",
    Reason.SUBJECT: _NOT_OKTA,
    Reason.BOUND: "send it with the DPoP scheme and a proof, and set DPOP=allowed; or turn DPoP off in Okta",
    Reason.EXPIRY: _NOT_OKTA,
    Reason.UNKNOWN_KEY: "is it from before a key rotation? get a new one; if it is new, check OKTA_JWKS_URI",
    Reason.SIGNATURE: "it was changed on the way, or is forged; get a new one",
    Reason.CLAIMS: "report this: okta-jwt-verifier refuses what this service accepts",
}


async def check_token(
    verifier: OktaTokenVerifier,
    settings: OktaSettings,
    token: str,
    app: FastAPI | None,
    *,
    bound: bool = False,
) -> list[Result]:
    """Return the checks that `token` passes and, for the first one that fails, why and what to change.

    A valid one also shows the effect of the access policy, and which claims of `app` it has.
    """
    claims = _claims(token)
    if other := _other_kind(token, claims, settings):
        return [other]
    try:
        sent = credentials([(b"authorization", f"Bearer {token}".encode())])
        principal = await verifier.verify(sent.token)
    except KeysUnavailable:
        return [
            red("token", "not checked: there are no signing keys", "fix what is red above, then try again")
        ]
    except InvalidToken as error:
        return list(_up_to(error.why, settings, claims))
    except OktaAuthError:
        return list(_up_to(Reason.MALFORMED, settings, claims))
    if "cnf" in principal.claims and not bound:
        return list(_up_to(Reason.BOUND, settings, claims))
    return [
        *(green(f"token {check}", "passes") for check in _CHECKS),
        _policy(principal),
        *(check_required_claims(app, principal) if app is not None else ()),
        _valid(principal),
    ]


def without_token(app: FastAPI | None) -> Iterator[Result]:
    """Return what only a token shows."""
    remedy = "if a sign-in ends with access_denied, add one for the client and its scopes"
    yield amber("access policy", "only a token shows that there is one", remedy, Section.POLICY)
    if app is not None:
        yield from check_required_claims(app, None)
    yield amber("token", "none given", "get one, and pass it with --token -", Section.TOKEN)


def _policy(user: Principal) -> Result:
    issued = user.claims.get("iat")
    lifetime = f" for {(user.expires_at - issued) / 60:.0f} min" if isinstance(issued, int | float) else ""
    return green("access policy", f"{user.issuer} issues tokens to {user.client_id}{lifetime}")


def _valid(user: Principal) -> Result:
    seconds, scopes = user.expires_at - time.time(), " ".join(user.scopes) or "none"
    finding = f"valid: {user.subject} by {user.client_id}, scopes {scopes}"
    if seconds < 0:
        return amber("token", f"{finding}, expired {-seconds:.0f} s ago, within OKTA_LEEWAY", "get a new one")
    return green("token", f"{finding}, {seconds / 60:.0f} min left")


def _other_kind(token: str, claims: dict[str, Any], settings: OktaSettings) -> Result | None:
    """Return what to do about a token that is no signed access token; None for one that may be."""
    if token.count(".") == 4:  # RFC 7516 section 3.1
        finding = "this token is encrypted: only its recipient can read it"
        remedy = "turn token encryption off for this authorization server in Okta"
        return red("token form", finding, remedy, Section.SERVER)
    if _is_id_token(claims, settings):
        finding = "this is an ID token: it tells the app who signed in, and no API accepts it"
        remedy = (
            "send the access token: access_token in the response of /v1/token, getAccessToken() in the SDK"
        )
        return red("token", finding, remedy, Section.TOKEN)
    return None


def _is_id_token(claims: dict[str, Any], settings: OktaSettings) -> bool:
    """Return whether `claims` are those of an ID token (OpenID Connect Core section 2)."""
    if claims.get("cid") or claims.get("scp"):
        return False
    return claims.get("aud") in settings.okta_client_id or "at_hash" in claims or "nonce" in claims


def _up_to(why: StrEnum, settings: OktaSettings, claims: dict[str, Any]) -> Iterator[Result]:
    for check, reasons in _CHECKS.items():
        if why in reasons:
            finding, remedy = _explain(why, settings, claims)
            section = _SECTIONS.get(check, Section.TOKEN)
            yield red(f"token {check}", f"{why}: {finding}" if finding else str(why), remedy, section)
            return
        yield green(f"token {check}", "passes")


def _explain(why: StrEnum, settings: OktaSettings, claims: dict[str, Any]) -> tuple[str, str]:
    """Return what the token contains there, and which setting to change."""
    now = time.time()
    match why:
        case Reason.ISSUER:
            return claim_text(claims, "iss"), _issuer_remedy(claims, settings)
        case Reason.AUDIENCE:
            return claim_text(claims, "aud"), _audience_remedy(claims, settings)
        case Reason.CLIENT:
            return claim_text(claims, "cid"), "add that client id to OKTA_CLIENT_ID, if it may call this API"
        case Reason.EXPIRED:
            remedy = "get a new one; if it is new, see the clock above or OKTA_LEEWAY"
            return f"{now - claims['exp']:.0f} s ago", remedy
        case Reason.NOT_YET_VALID:
            times = [claims[name] for name in ("nbf", "iat") if isinstance(claims.get(name), int | float)]
            remedy = "synchronize the clocks by NTP; OKTA_LEEWAY allows up to 300 s"
            return f"{max(times, default=now) - now:.0f} s ahead", remedy
    return "", _REMEDIES[why]


def _audience_remedy(claims: dict[str, Any], settings: OktaSettings) -> str:
    aud = claims.get("aud")
    if any(value in settings.okta_client_id for value in (aud if isinstance(aud, list) else [aud])):
        return "a client id is the audience of an ID token: send an access token, and leave OKTA_AUDIENCE"
    return f"OKTA_AUDIENCE is {', '.join(settings.okta_audience)}; set it to the audience in Okta"


def _issuer_remedy(claims: dict[str, Any], settings: OktaSettings) -> str:
    iss = claims.get("iss")
    if isinstance(iss, str) and "/oauth2/" not in iss:
        return "get the token from a custom authorization server: only Okta itself can verify this one"
    return f"OKTA_ISSUER is {', '.join(settings.okta_issuer)}; it must equal the token's iss exactly"


def _claims(token: str) -> dict[str, Any]:
    try:
        return parse_token(token.encode()).claims
    except InvalidToken:
        return {}
