"""A route for callers who signed in recently, and with a second factor (RFC 9470 section 3)."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi_okta_auth import Principal, signed_in
from pydantic import BaseModel, Field

router = APIRouter(tags=["Payslip"])

TWO_FACTORS: Final = "urn:okta:loa:2fa:any"
MAX_AGE_SECONDS: Final = 300


class Payslip(BaseModel):
    """A month's pay, in whole units of `currency` (ISO 4217)."""

    month: str = Field(examples=["2026-06"])
    gross: int = Field(examples=[4_200])
    net: int = Field(examples=[2_780])
    currency: str = Field(examples=["EUR"])
    subject: str = Field(serialization_alias="for", examples=["user@example.com"])


@router.get("/payslip", summary="Read your payslip")
async def payslip(
    user: Annotated[Principal, Depends(signed_in(TWO_FACTORS, max_age=MAX_AGE_SECONDS))],
) -> Payslip:
    """Return the caller's payslip; requires a sign-in with two factors in the last five minutes."""
    return Payslip(month="2026-06", gross=4_200, net=2_780, currency="EUR", subject=user.subject)
