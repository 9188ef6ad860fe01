"""Expense reports: they belong to who submits them, and somebody else approves them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, HTTPException, Path, Query, Security, status
from fastapi_okta_auth import Principal, active_token, in_group, require
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import models
from backend.database import Session
from backend.errors import Detail, Refusal, Refused, TokenRefusal
from backend.idempotency import Key, first_response, keep_response
from backend.users import stored_user

router = APIRouter(prefix="/reports", tags=["Reports"])

ADMINS: Final = "Admins"
MAX_ID: Final = 2**53 - 1  # what every JSON parser reads exactly (RFC 8259 section 6)
# The currencies of ISO 4217 that people pay with.
_CODES: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF
XPF YER ZAR ZMW ZWG
"""
CURRENCIES: Final = tuple(_CODES.split())
CAN_APPROVE: Final = [
    Security(require(in_group(ADMINS)), scopes=["reports:approve"]),
    Security(active_token, scopes=["reports:approve"]),
]
ReportId = Annotated[int, Path(alias="id", ge=1, le=MAX_ID, examples=[1])]
Reader = Annotated[Principal, Security(stored_user, scopes=["reports:read"])]
Writer = Annotated[Principal, Security(stored_user, scopes=["reports:write"])]
Approver = Annotated[Principal, Security(stored_user, scopes=["reports:approve"])]


def _above_zero(amount: str) -> str:
    if Decimal(amount) == 0:
        raise ValueError("must be above 0")
    return f"{Decimal(amount):.2f}"


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("Use a currency code of ISO 4217, such as EUR")
    return code


class NewReport(BaseModel):
    """What somebody submits."""

    title: Annotated[
        str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$", examples=["Train to Graz"])
    ]
    amount: Annotated[
        str,
        Field(
            pattern="^[0-9]{1,12}(\\.[0-9]{1,2})?$",
            json_schema_extra={"not": {"pattern": "^[0.]*$"}},
            examples=["48.20"],
        ),
        AfterValidator(_above_zero),
    ]
    currency: Annotated[
        str, AfterValidator(_currency), Field(json_schema_extra={"enum": list(CURRENCIES)}, examples=["EUR"])
    ]


class Report(BaseModel):
    """A report; `owner` and `approved_by` are user ids of Okta."""

    id: int = Field(examples=[1])
    title: str = Field(examples=["Train to Graz"])
    amount: str = Field(description="With two decimals", examples=["48.20"])
    currency: str = Field(description="ISO 4217", examples=["EUR"])
    created: datetime = Field(examples=["2026-04-02T09:30:00Z"])
    status: Literal["submitted", "approved"]
    owner: str = Field(examples=["00u1b2c3d4e5f6"])
    approved_by: str | None = Field(examples=[None])
    approved_at: datetime | None = Field(examples=[None])

    @classmethod
    def of(cls, row: models.Report) -> Self:
        """Return what the caller sees of `row`."""
        return cls(
            id=row.id,
            title=row.title,
            amount=str(row.amount),
            currency=row.currency,
            created=row.created,
            status="approved" if row.approved_at else "submitted",
            owner=row.owner,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
        )


class Reports(BaseModel):
    """A page of reports; `next` is the `cursor` of the next page, or null on the last one."""

    reports: list[Report]
    next: int | None = Field(examples=[None])


Responses = dict[int | str, dict[str, Any]]
MALFORMED: Final[Responses] = {
    400: {"model": TokenRefusal | Detail, "description": "A header or the body is malformed"}
}
FORBIDDEN: Final[Responses] = {
    403: {"model": TokenRefusal | Refusal, "description": "The caller may not do this"}
}
NOT_FOUND: Final[Responses] = {
    404: {"model": Detail, "description": "No report with this id is visible to the caller"}
}
CONFLICT: Final[Responses] = {
    409: {"model": Refusal, "description": "Not in the state that the report is in"}
}


def visible_to(user: Principal) -> Select[models.Report]:
    """Select what `user` can see: their own, and everything for a member of `Admins`."""
    if ADMINS in user.groups:
        return select(models.Report)
    return select(models.Report).where(
        models.Report.issuer == user.issuer, models.Report.owner == user.user_id
    )


async def _find(
    session: AsyncSession, user: Principal, report_id: int, *, lock: bool = False
) -> models.Report:
    """Return a report that `user` can see; with `lock`, nobody else changes it until the response.

    Raises HTTPException (404).
    """
    query = visible_to(user).where(models.Report.id == report_id)
    report = await session.scalar(query.with_for_update() if lock else query)
    if report is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No report has this id")
    return report


def _is_owner(user: Principal, report: models.Report) -> bool:
    return (user.issuer, user.user_id) == (report.issuer, report.owner)


def _require_submitted(report: models.Report) -> None:
    if report.approved_at:
        raise Refused(409, "The report is already approved.", "already_approved")


@router.get("", summary="List the reports", responses=FORBIDDEN)
async def list_reports(
    user: Reader,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[int | None, Query(ge=1, le=MAX_ID, description="`next` of the page before")] = None,
) -> Reports:
    """Return the caller's reports, newest first; a member of `Admins` gets everybody's."""
    query = visible_to(user).order_by(models.Report.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(models.Report.id < cursor)
    found = (await session.scalars(query)).all()
    page = [Report.of(row) for row in found[:limit]]
    return Reports(reports=page, next=page[-1].id if len(found) > limit else None)


@router.post(
    "",
    summary="Submit a report",
    status_code=status.HTTP_201_CREATED,
    responses=MALFORMED | FORBIDDEN | CONFLICT,
)
async def create_report(new: NewReport, user: Writer, session: Session, key: Key) -> Report:
    """Store a report of the caller's; with `Idempotency-Key`, once however often it is sent."""
    if key and (response := await first_response(session, user, key, new)):
        return Report.model_validate_json(response)
    row = models.Report(
        issuer=user.issuer,
        owner=user.user_id,
        title=new.title,
        amount=Decimal(new.amount),
        currency=new.currency,
        created=datetime.now(UTC),
    )
    session.add(row)
    await session.flush()
    report = Report.of(row)
    if key:
        keep_response(session, user, key, new, report)
    return report


@router.get("/{id}", summary="Read a report", responses=FORBIDDEN | NOT_FOUND)
async def read_report(report_id: ReportId, user: Reader, session: Session) -> Report:
    """Return one report, if it is visible to the caller."""
    return Report.of(await _find(session, user, report_id))


@router.delete(
    "/{id}",
    summary="Withdraw a report",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=FORBIDDEN | NOT_FOUND | CONFLICT,
)
async def delete_report(report_id: ReportId, user: Writer, session: Session) -> None:
    """Delete a report of the caller's that nobody has approved."""
    report = await _find(session, user, report_id, lock=True)
    if not _is_owner(user, report):
        raise Refused(403, "Only the owner can withdraw a report.", "not_owner")
    _require_submitted(report)
    await session.delete(report)


@router.post(
    "/{id}/approve",
    summary="Approve a report",
    dependencies=CAN_APPROVE,
    responses=FORBIDDEN | NOT_FOUND | CONFLICT,
)
async def approve_report(report_id: ReportId, user: Approver, session: Session) -> Report:
    """Approve somebody else's report; requires `Admins`, and a token that is not revoked."""
    report = await _find(session, user, report_id, lock=True)
    if _is_owner(user, report):
        raise Refused(403, "Nobody approves their own report.", "own_report")
    _require_submitted(report)
    report.approved_at, report.approver_issuer, report.approved_by = (
        datetime.now(UTC),
        user.issuer,
        user.user_id,
    )
    return Report.of(report)
