"""Complaints, for the supervisors whom they do not concern (`bot.casework.complaints.sight`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, QueryParameter
from msgspec import Struct
from sqlalchemy.orm import Session

from bot.casework.complaints import actions, queries
from bot.casework.complaints import words as complaint_words
from bot.casework.errors import Refused
from bot.casework.models import Staff
from bot.casework.queries import staff_names
from bot.console import forms, words
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.privacy import audit

Act = Callable[[Session, Staff, datetime], object]
Page = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]
Shown = Annotated[str, QueryParameter(max_length=10)]
_HANDLE = needs(Permission.HANDLE_COMPLAINTS)
TEXT_LONGEST = 500
"""Characters of what the complainant reads: one message of WeChat."""


class SaidForm(Struct):
    version: forms.Number
    text: str = ""


class FoundForm(Struct):
    kind: str = "note"
    text: str = ""
    until: str = ""


class KindForm(Struct):
    version: forms.Number
    kind: str = ""


Said = Annotated[SaidForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Found = Annotated[FoundForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
KindChosen = Annotated[KindForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/console/complaints", opt=_HANDLE, sync_to_thread=True)
def list_complaints(request: PageRequest, show: Shown = "open", number: Page = 1) -> Response[Any]:
    """Open ones, urgent first; or all."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        me = session.get_one(Staff, request.user.staff_id)
        rows = queries.listed(session, viewer=me, open_only=show != "all", page=number)
        orphaned = queries.nobody_may_handle(session)
    return page(
        request,
        "complaints.html",
        rows=rows[: queries.SHOWN_AT_ONCE],
        more=len(rows) > queries.SHOWN_AT_ONCE,
        number=number,
        show="all" if show == "all" else "open",
        orphaned=orphaned,
        COMPLAINTS=complaint_words,
    )


@get("/console/complaints/{complaint_id:int}", opt=_HANDLE, sync_to_thread=True)
def show_complaint(request: PageRequest, complaint_id: RowId) -> Response[Any]:
    """One complaint with its history."""
    return _complaint_page(request, complaint_id)


@post("/console/complaints/{complaint_id:int}/accept", opt=_HANDLE, sync_to_thread=True)
def accept(request: PageRequest, complaint_id: RowId, data: forms.Version) -> Response[Any]:
    """Look into it."""
    return _do(
        request,
        complaint_id,
        lambda session, staff, now: actions.accept(
            session,
            complaint_id=complaint_id,
            version=data.version,
            staff=staff,
            by=request.user.by,
            now=now,
        ),
    )


@post("/console/complaints/{complaint_id:int}/not-accept", opt=_HANDLE, sync_to_thread=True)
def not_accept(request: PageRequest, complaint_id: RowId, data: Said) -> Response[Any]:
    """It is not for us, and why."""
    return _say(request, complaint_id, data, lambda text: (actions.not_accept, {"reason": text}))


@post("/console/complaints/{complaint_id:int}/extend", opt=_HANDLE, sync_to_thread=True)
def extend(request: PageRequest, complaint_id: RowId, data: Said) -> Response[Any]:
    """It takes longer, and why."""
    return _say(request, complaint_id, data, lambda text: (actions.extend, {"reason": text}))


@post("/console/complaints/{complaint_id:int}/answer", opt=_HANDLE, sync_to_thread=True)
def answer(request: PageRequest, complaint_id: RowId, data: Said) -> Response[Any]:
    """What was found and done."""
    return _say(request, complaint_id, data, lambda text: (actions.answer, {"text": text}))


@post("/console/complaints/{complaint_id:int}/note", opt=_HANDLE, sync_to_thread=True)
def note(request: PageRequest, complaint_id: RowId, data: Found) -> Response[Any]:
    """What was found, what the institution has to put right, what it did."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        kind = data.kind if data.kind in ("note", "rectification", "rectified") else "note"
        actions.note(
            session,
            complaint_id=complaint_id,
            kind=kind,
            text=data.text[: forms.NOTE_LONGEST],
            until=_day(data.until) if kind == "rectification" else None,
            staff=staff,
            by=request.user.by,
            now=now,
        )

    return _do(request, complaint_id, act, typed={"found": data.text})


@post("/console/complaints/{complaint_id:int}/kind", opt=_HANDLE, sync_to_thread=True)
def reclassify(request: PageRequest, complaint_id: RowId, data: KindChosen) -> Response[Any]:
    """Put the kind right."""
    return _do(
        request,
        complaint_id,
        lambda session, staff, now: actions.reclassify(
            session,
            complaint_id=complaint_id,
            version=data.version,
            kind=data.kind,
            staff=staff,
            by=request.user.by,
            now=now,
        ),
    )


def _say(
    request: PageRequest,
    complaint_id: int,
    data: SaidForm,
    step: Callable[[str], tuple[Callable[..., object], dict[str, str]]],
) -> Response[Any]:
    def act(session: Session, staff: Staff, now: datetime) -> None:
        if len(data.text) > TEXT_LONGEST:
            raise Refused(f"请写短一些，最多{TEXT_LONGEST}个字。")
        action, said = step(data.text)
        action(
            session,
            complaint_id=complaint_id,
            version=data.version,
            staff=staff,
            by=request.user.by,
            now=now,
            **said,
        )

    return _do(request, complaint_id, act, typed={"text": data.text})


def _do(
    request: PageRequest, complaint_id: int, act: Act, *, typed: dict[str, str] | None = None
) -> Response[Any]:
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            staff = session.get_one(Staff, request.user.staff_id)
            if queries.complaint_of(session, complaint_id, viewer=staff) is None:
                raise NotFoundException
            act(session, staff, installation.clock())
    except Refused as refused:
        return _complaint_page(request, complaint_id, refused=refused, typed=typed)
    return see_other(f"/console/complaints/{complaint_id}", done="complaint_done")


def _complaint_page(
    request: PageRequest,
    complaint_id: int,
    *,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    me, now = request.user, installation.clock()
    with installation.database.transaction() as session:
        staff = session.get_one(Staff, me.staff_id)
        found = queries.complaint_of(session, complaint_id, viewer=staff)
        if found is None:
            raise NotFoundException
        audit.record(
            session, by=me.by, action="complaint.read", on=("complaint", complaint_id), now=now
        )
        names = staff_names(session, [entry.by for entry in found.complaint.entries])
    return page(
        request,
        "complaint.html",
        status=refused_status(refused),
        complaint=found.complaint,
        institution=found.institution,
        entries=[
            (entry, "投诉人" if entry.by == "complainant" else words.actor(entry.by, names))
            for entry in found.complaint.entries
        ],
        refused=refused,
        typed={"text": "", "found": ""} | (typed or {}),
        limits=forms,
        longest=TEXT_LONGEST,
        COMPLAINTS=complaint_words,
        base=f"/console/complaints/{complaint_id}",
    )


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
