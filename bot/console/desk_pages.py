"""What the office keeps for itself: canned replies, who is away, where institution staff work."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Staff
from bot.console import absences, canned, forms, sessions
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.console.staff_pages import staff_page
from bot.console.words import typed_text
from bot.privacy import audit

CANNED = "/console/canned"


class CannedForm(Struct):
    title: str = ""
    text: str = ""
    id: forms.Number = 0
    """0: a new one."""


class AwayForm(Struct):
    until: str = ""
    """Empty: back again."""


class PlaceForm(Struct):
    institution: forms.Number = 0
    """0: nowhere."""


CannedData = Annotated[CannedForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
AwayData = Annotated[AwayForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
PlaceData = Annotated[PlaceForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(CANNED, opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def list_canned(request: PageRequest) -> Response[Any]:
    """All canned replies."""
    return _canned_page(request)


@post(CANNED, opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def save_canned(request: PageRequest, data: CannedData) -> Response[Any]:
    """Make one or change one."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            canned.save(
                session,
                reply_id=data.id or None,
                title=typed_text(data.title),
                text=typed_text(data.text),
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _canned_page(request, refused=refused, typed=data)
    return see_other(CANNED, done="canned_saved")


@post(f"{CANNED}/{{reply_id:int}}/remove", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def remove_canned(request: PageRequest, reply_id: RowId) -> Response[Any]:
    """Delete one."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        canned.remove(session, reply_id=reply_id, by=request.user.by, now=installation.clock())
    return see_other(CANNED, done="canned_removed")


@post(
    "/console/staff/{staff_id:int}/away", opt=needs(Permission.MANAGE_ACCOUNTS), sync_to_thread=True
)
def away(request: PageRequest, staff_id: RowId, data: AwayData) -> Response[Any]:
    """Away until a day, or back: what they had in hand goes to the pool."""
    installation = installation_of(request)
    now = installation.clock()
    try:
        with installation.database.transaction() as session:
            if not data.until:
                absences.mark_back(session, staff_id=staff_id, by=request.user.by, now=now)
                return see_other("/console/staff", done="back")
            absences.mark_away(
                session, staff_id=staff_id, until=_day(data.until), by=request.user.by, now=now
            )
    except Refused as refused:
        return staff_page(request, refused=refused)
    return see_other("/console/staff", done="away")


@post(
    "/console/staff/{staff_id:int}/place",
    opt=needs(Permission.MANAGE_ACCOUNTS),
    sync_to_thread=True,
)
def place(request: PageRequest, staff_id: RowId, data: PlaceData) -> Response[Any]:
    """Where a member of an institution's staff works; their browsers are signed out."""
    installation = installation_of(request)
    now = installation.clock()
    try:
        with installation.database.transaction() as session:
            person = _institution_staff(session, staff_id)
            if data.institution and session.get(Institution, data.institution) is None:
                raise Refused("找不到这家机构。")
            person.institution_id = data.institution or None
            sessions.revoke_all(session, staff_id=staff_id, now=now)
            audit.record(
                session,
                by=request.user.by,
                action="staff.place",
                on=("staff", staff_id),
                now=now,
                institution=data.institution,
            )
    except Refused as refused:
        return staff_page(request, refused=refused)
    return see_other("/console/staff", done="placed")


def _institution_staff(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id, with_for_update=True)
    if person is None or person.role != "institution_staff":
        raise Refused("只有机构人员的账号要连到机构。")
    return person


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("日期没有看懂，请写成 2026-11-24 这样。") from error


def _canned_page(
    request: PageRequest, *, refused: Refused | None = None, typed: CannedForm | None = None
) -> Response[Any]:
    with installation_of(request).database.transaction() as session:
        replies = canned.all_replies(session)
    return page(
        request,
        "canned.html",
        status=refused_status(refused),
        replies=replies,
        refused=refused,
        typed=typed or CannedForm(),
        variables=canned.VARIABLES,
        longest=forms.REPLY_LONGEST,
    )
