"""Reports: reading requires one scope, approving another. The reports are fixed demo data."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Security, status
from fastapi_okta_auth import (
    Principal,
    active_token,
    current_user,
)
from pydantic import BaseModel, Field

router = APIRouter(prefix="/reports", tags=["Reports"])


class Report(BaseModel):
    """A report; `amount` is in whole units of `currency` (ISO 4217)."""

    id: int = Field(examples=[1])
    title: str = Field(examples=["Quarterly figures"])
    amount: int = Field(examples=[48_200])
    currency: str = Field(examples=["EUR"])
    created: date = Field(examples=["2026-04-02"])


class Reports(BaseModel):
    """All reports, and the subject that read them."""

    reports: tuple[Report, ...]
    read_by: str = Field(examples=["ada@example.com"])


class Approval(BaseModel):
    """The id of the approved report, and the subject that approved it."""

    approved: int = Field(examples=[1])
    by: str = Field(examples=["ada@example.com"])


class NotFound(BaseModel):
    """Why nothing was found."""

    detail: str = Field(examples=["No report has this id"])


REPORTS: Final = (
    Report(id=1, title="Quarterly figures", amount=48_200, currency="EUR", created=date(2026, 4, 2)),
    Report(id=2, title="Travel expenses", amount=1_930, currency="EUR", created=date(2026, 5, 11)),
    Report(id=3, title="Cloud invoices", amount=7_415, currency="USD", created=date(2026, 6, 1)),
)


@router.get("", summary="List the reports")
async def list_reports(
    user: Annotated[Principal, Security(current_user, scopes=["reports:read"])],
) -> Reports:
    """Return all reports; requires the scope `reports:read`."""
    return Reports(reports=REPORTS, read_by=user.subject)


@router.post(
    "/{id}/approve",
    summary="Approve a report",
    responses={404: {"model": NotFound, "description": "No report has this id"}},
)
async def approve_report(
    report_id: Annotated[int, Path(alias="id", examples=[1])],
    user: Annotated[Principal, Security(active_token, scopes=["reports:approve"])],
) -> Approval:
    """Approve one report; requires the scope `reports:approve`, and a token that is not revoked.

    Nothing is stored.
    """
    if all(report.id != report_id for report in REPORTS):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No report has this id")
    return Approval(approved=report_id, by=user.subject)
