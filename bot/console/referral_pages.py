"""What an institution's own staff see: the patients referred to it, as long as they are there."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.casework.conditions import IN_CHARGE_ROLES
from bot.casework.course_models import Referral
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, Staff
from bot.clock import LOCAL
from bot.console import case_actions, case_course, forms
from bot.console.case_calls import Doing
from bot.console.case_course import COURSE_WORDS
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.privacy import audit

REFERRALS = "/console/referrals"
_OPEN = ("sent", "accepted")
ROWS = 200


@get(REFERRALS, opt=needs(Permission.READ_REFERRALS), sync_to_thread=True)
def list_referrals(request: PageRequest) -> Response[Any]:
    """Everybody who is referred here, those who wait for an answer first."""
    with installation_of(request).database.transaction() as session:
        staff = session.get_one(Staff, request.user.staff_id)
        rows = session.scalars(
            select(Referral)
            .where(Referral.institution_id == staff.institution_id, Referral.state.in_(_OPEN))
            .options(joinedload(Referral.case))
            .order_by(Referral.state.desc(), Referral.sent_at)
            .limit(ROWS)
        ).all()
    return page(request, "referrals.html", rows=rows, assigned=staff.institution_id is not None)


@get(f"{REFERRALS}/{{case_id:int}}", opt=needs(Permission.READ_REFERRALS), sync_to_thread=True)
def show_referral(request: PageRequest, case_id: RowId) -> Response[Any]:
    """One of them."""
    return _referral_page(request, case_id)


@post(f"{REFERRALS}/{{case_id:int}}/do/{{name:str}}", opt=needs(Permission.WORK_REFERRALS))
async def do_for_institution(
    request: PageRequest, case_id: RowId, name: FromPath[str]
) -> Response[Any]:
    """One of `bot.console.case_actions.AT_INSTITUTION`."""
    said = await forms.all_fields(request)
    return await sync_to_thread(_do, request, case_id, name, said)


def _do(request: PageRequest, case_id: int, name: str, said: dict[str, list[str]]) -> Response[Any]:
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            staff = session.get_one(Staff, request.user.staff_id)
            _own_case(session, staff, case_id)
            if name not in case_actions.AT_INSTITUTION:
                raise Refused("这一步由社工来做。")
            doing = Doing(
                session=session,
                case_id=case_id,
                version=forms.version_of(said),
                staff=staff,
                by=request.user.by,
                now=installation.clock(),
                said=said,
            )
            case_actions.carry_out(name, doing)
    except Refused as refused:
        return _referral_page(request, case_id, refused=refused, doing=name, said=said)
    if name == "decline_referral":
        return see_other(REFERRALS, done="acted")
    return see_other(f"{REFERRALS}/{case_id}", done="acted")


def _referral_page(
    request: PageRequest,
    case_id: int,
    *,
    refused: Refused | None = None,
    doing: str | None = None,
    said: dict[str, list[str]] | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        staff = session.get_one(Staff, request.user.staff_id)
        case = _own_case(session, staff, case_id)
        audit.record(session, by=request.user.by, action="case.read", on=("case", case.id), now=now)
        course = case_course.read(session, case=case, staff=staff, now=now)
    return page(
        request,
        "referral.html",
        status=refused_status(refused),
        case=case,
        course=course,
        refused=refused,
        typed=said or {},
        conflict=isinstance(refused, Conflict),
        doing=doing,
        said=said or {},
        post_to=f"{REFERRALS}/{case_id}/do",
        today=now.astimezone(LOCAL).date().isoformat(),
        may_act=True,
        stage=case.stage,
        **COURSE_WORDS,
    )


def _own_case(session: Session, staff: Staff, case_id: int) -> Case:
    """A case with an open referral to the place where this member of staff works."""
    assert staff.role not in IN_CHARGE_ROLES
    case = session.scalar(
        select(Case)
        .join(Referral, Referral.case_id == Case.id)
        .where(
            Case.id == case_id,
            Referral.institution_id == staff.institution_id,
            Referral.state.in_(_OPEN),
        )
    )
    if case is None:
        raise NotFoundException
    return case
