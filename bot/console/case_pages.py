"""A case: what the family asked for, what happened, the conversation, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import assignment, cases, queries, tickets
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, CaseEvent, Staff, Ticket
from bot.casework.stages import OPEN_STAGES
from bot.clock import LOCAL
from bot.console import (
    absences,
    binding,
    canned,
    case_actions,
    case_course,
    conversation,
    forms,
    next_step,
    presence,
    talking,
    words,
)
from bot.console.case_calls import Doing
from bot.console.case_course import COURSE_WORDS
from bot.console.forms import RowId
from bot.console.gate import IN_BACKGROUND, PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.console.sessions import SignedIn
from bot.privacy import audit

Act = Callable[[Session, Staff, datetime], None]
Before = Annotated[int | None, QueryParameter(ge=0, le=2**52)]


@get("/console/cases/{case_id:int}", opt=needs(Permission.READ_CASES), sync_to_thread=True)
def show_case(
    request: PageRequest,
    case_id: RowId,
    before: Before = None,
    canned: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
) -> Response[Any]:
    """One case; ``canned`` puts a canned reply into the box."""
    return _case_page(request, case_id, before=before, canned_id=canned)


@post("/console/cases/{case_id:int}/claim", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def claim(request: PageRequest, case_id: RowId, data: forms.Version) -> Response[Any]:
    """Take charge of the case."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        cases.claim_case(
            session,
            case_id=case_id,
            version=data.version,
            staff=staff,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="claimed")


@post("/console/cases/{case_id:int}/return", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def return_for_correction(
    request: PageRequest, case_id: RowId, data: forms.Return
) -> Response[Any]:
    """Ask the family to correct or complete something."""
    what = words.typed_text(data.what)

    def act(session: Session, staff: Staff, now: datetime) -> None:
        if len(what) > forms.RETURN_LONGEST:
            raise Refused(f"最多 {forms.RETURN_LONGEST} 个字，请写短一些。")
        cases.return_for_correction(
            session,
            case_id=case_id,
            version=data.version,
            staff=staff,
            what=what,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="returned", typed={"what": data.what})


@post("/console/cases/{case_id:int}/accept", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def accept(request: PageRequest, case_id: RowId, data: forms.Version) -> Response[Any]:
    """The review is passed: on to the needs assessment."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        cases.accept_for_assessment(
            session,
            case_id=case_id,
            version=data.version,
            staff=staff,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="accepted")


@post("/console/cases/{case_id:int}/do/{name:str}", opt=needs(Permission.WORK_CASES))
async def do_action(request: PageRequest, case_id: RowId, name: FromPath[str]) -> Response[Any]:
    """One of `bot.console.case_actions.ACTIONS`."""
    said = await forms.all_fields(request)
    return await sync_to_thread(_do_action, request, case_id, name, said)


def _do_action(
    request: PageRequest, case_id: int, name: str, said: dict[str, list[str]]
) -> Response[Any]:
    installation = installation_of(request)
    version = forms.version_of(said)
    try:
        with installation.database.transaction() as session:
            if session.get(Case, case_id) is None:
                raise NotFoundException
            told = case_actions.carry_out(
                name,
                Doing(
                    session=session,
                    case_id=case_id,
                    version=version,
                    staff=session.get_one(Staff, request.user.staff_id),
                    by=request.user.by,
                    now=installation.clock(),
                    said=said,
                ),
            )
    except Refused as refused:
        return _case_page(request, case_id, refused=refused, doing=name, said=said)
    if told is not None:
        return _case_page(request, case_id, code=told)
    return see_other(f"/console/cases/{case_id}", done="acted")


@post("/console/cases/{case_id:int}/assign", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def assign(request: PageRequest, case_id: RowId, data: forms.Assign) -> Response[Any]:
    """Put somebody in charge by hand."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        to = session.get(Staff, data.to)
        if to is None:
            raise Refused("请选一位同事。")
        if to.id in absences.absences(session, now=now):
            raise Refused(f"{to.display_name}正在请假，请换一位。")
        assignment.assign(
            session,
            case_id=case_id,
            version=data.version,
            to=to,
            staff=staff,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="assigned")


@post("/console/cases/{case_id:int}/note", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def note(request: PageRequest, case_id: RowId, data: forms.Note) -> Response[Any]:
    """Keep an internal note."""
    text = words.typed_text(data.note)

    def act(session: Session, staff: Staff, now: datetime) -> None:
        if len(text) > forms.NOTE_LONGEST:
            raise Refused(f"备注最多 {forms.NOTE_LONGEST} 个字，请写短一些。")
        cases.add_note(session, case_id=case_id, note=text, by=request.user.by, now=now)

    return _do(request, case_id, act, done="noted", typed={"note": data.note})


@post("/console/cases/{case_id:int}/reply", opt=needs(Permission.WORK_CASES), sync_to_thread=True)
def reply(request: PageRequest, case_id: RowId, data: forms.Reply) -> Response[Any]:
    """Answer the family; the bot is silent from then on."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        contact_id = _contact_id(session, case_id)
        talking.reply(session, contact_id=contact_id, form=data, me=request.user, now=now)

    return _do(request, case_id, act, done="replied", typed={"text": data.text}, seen=data.seen)


@post(
    "/console/cases/{case_id:int}/hand-back", opt=needs(Permission.WORK_CASES), sync_to_thread=True
)
def hand_back(request: PageRequest, case_id: RowId, data: forms.HandBack) -> Response[Any]:
    """Give the conversation back to the bot."""

    def act(session: Session, staff: Staff, now: datetime) -> None:
        contact_id = _contact_id(session, case_id)
        talking.hand_back(session, contact_id=contact_id, form=data, me=request.user, now=now)

    return _do(request, case_id, act, done="handed_back")


@get(
    "/console/contacts/{contact_id:int}/news",
    opt={**needs(Permission.READ_CASES), IN_BACKGROUND: True},
    sync_to_thread=True,
)
def news(
    request: PageRequest, contact_id: RowId, seen: Annotated[int, QueryParameter(ge=0, le=2**62)]
) -> dict[str, int | str]:
    """Who else looks, and how many messages came since ``seen``, asked now and then by an open page."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        others = presence.look(
            session, contact_id=contact_id, staff_id=request.user.staff_id, now=installation.clock()
        )
        return {
            "unread": conversation.unread(session, contact_id=contact_id, seen=seen),
            "others": "、".join(others),
        }


def _do(
    request: PageRequest,
    case_id: int,
    act: Act,
    *,
    done: str,
    typed: dict[str, str] | None = None,
    seen: int | None = None,
) -> Response[Any]:
    """Carry out one step; where it is refused, show the case as it is now and what was typed."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            staff = session.get_one(Staff, request.user.staff_id)
            act(session, staff, installation.clock())
    except Refused as refused:
        return _case_page(request, case_id, refused=refused, typed=typed, seen=seen)
    return see_other(f"/console/cases/{case_id}", done=done)


def _case_page(
    request: PageRequest,
    case_id: int,
    *,
    before: int | None = None,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
    seen: int | None = None,
    doing: str | None = None,
    said: dict[str, list[str]] | None = None,
    code: str | None = None,
    canned_id: int | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    me, now = request.user, installation.clock()
    with installation.database.transaction() as session:
        file = queries.case_file(session, case_id)
        if file is None:
            raise NotFoundException
        case = file.case
        if case.assigned_to != me.staff_id:
            audit.record(session, by=me.by, action="case.read", on=("case", case_id), now=now)
        if case.stage == "submitted":
            _read_first(session, case, me, now)
        answers = case.application.answers
        family = "本人" if answers.get("relation") == "self" else "家属"
        talk = conversation.read(
            session, case.contact, family=family, now=now, before=before, seen=seen
        )
        names = queries.staff_names(session, [event.by for event in file.events])
        course = case_course.read(
            session, case=case, staff=session.get_one(Staff, me.staff_id), now=now
        )
        others = presence.look(session, contact_id=case.contact_id, staff_id=me.staff_id, now=now)
        replies = canned.for_case(session, case=case, me=me.display_name)
        colleagues = _colleagues(session, case, me, now) if case.stage in OPEN_STAGES else []
    chosen = next((text for reply, text in replies if reply.id == canned_id), "")
    owner = case.assignee.display_name if case.assignee else None
    return page(
        request,
        "case.html",
        status=refused_status(refused),
        case=case,
        due_at=file.due_at,
        owner=owner,
        step=next_step.of_case(case, me, owner=owner, first=course.first),
        course=course,
        post_to=f"/console/cases/{case_id}/do",
        doing=doing,
        said=said or {},
        code=code,
        qr=binding.qr_svg(installation.settings.own_origin, code) if code else None,
        bind_address=f"{installation.settings.own_origin}{binding.ADDRESS}",
        others=others,
        replies=replies,
        colleagues=colleagues,
        latest=_event(file.events[-1], names, family) if file.events else None,
        conflict=isinstance(refused, Conflict),
        today=now.astimezone(LOCAL).date().isoformat(),
        may_act=course.in_charge,
        stage=case.stage,
        **COURSE_WORDS,
        answers=queries.answer_rows(answers),
        consents=_consents(file),
        events=[_event(e, names, family) for e in file.events if e.step != "note"],
        notes=[_event(e, names, family) for e in file.events if e.step == "note"],
        tickets=[(t, words.kind_name(t.kind, None)) for t in file.tickets],
        talk=talk,
        telephone=case.telephone,
        base=f"/console/cases/{case_id}",
        limits=forms,
        refused=refused,
        typed={"text": chosen, "what": "", "note": "", **(typed or {})},
        before=before,
    )


def _read_first(session: Session, case: Case, me: SignedIn, now: datetime) -> None:
    """Somebody has seen the application: its ticket need not be escalated for being unread."""
    ticket_id = session.scalar(
        select(Ticket.id).where(
            Ticket.source_key == f"application:{case.application_id}", Ticket.read_at.is_(None)
        )
    )
    if ticket_id is not None:
        tickets.read_ticket(session, ticket_id=ticket_id, by=me.by, now=now)


def _colleagues(
    session: Session, case: Case, me: SignedIn, now: datetime
) -> list[tuple[assignment.Load, date | None]]:
    """To whom the case may be given, best choice first, and until when they are away."""
    if case.stage == "submitted" or not (
        me.role == "supervisor" or case.assigned_to in (me.staff_id, None)
    ):
        return []
    away = absences.absences(session, now=now)
    loads = assignment.loads(session, county_code=case.county_code)
    if case.assigned_to is None and me.role != "supervisor":
        loads = [load for load in loads if load.staff_id == me.staff_id]
    return [(load, away.get(load.staff_id)) for load in loads if load.staff_id != case.assigned_to]


def _contact_id(session: Session, case_id: int) -> int:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundException
    return case.contact_id


def _event(
    event: CaseEvent, names: dict[str, str], family: str
) -> tuple[CaseEvent, str, str | None]:
    """An event, who or what it says, and the words that belong to it."""
    who = words.actor(event.by, names, family=family)
    said = words.STEP_WORDS.get(event.step, "{who}：" + event.step).format(who=who)
    return event, (who if event.step == "note" else said), event.note


def _consents(file: queries.CaseFile) -> list[dict[str, Any]]:
    """The ledger's newest decisions, in words; what is missing is shown as missing."""
    rows = []
    for purpose, name in words.CONSENT_NAMES.items():
        consent = file.consents.get(purpose)
        rows.append(
            {
                "name": name,
                "state": words.CONSENT_STATES[consent.state] if consent else "还没有",
                "good": consent is not None and consent.state == "given",
                "consent": consent,
                "said_by": words.said_by(consent.said_by) if consent else "",
                "way": words.CONSENT_WAYS.get(consent.way, consent.way) if consent else "",
            }
        )
    return rows
