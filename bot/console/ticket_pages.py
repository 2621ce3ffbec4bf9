"""A ticket: what it is about, the conversation, and who settles it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from sqlalchemy.orm import Session

from bot.casework import applications, queries, tickets
from bot.casework.errors import Refused
from bot.casework.models import LEAD_OUTCOMES, Staff, Ticket
from bot.console import conversation, forms, next_step, talking, words
from bot.console.case_pages import Before
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.privacy import audit

Act = Callable[[Session, Ticket, datetime], object]


@get("/console/tickets/{ticket_id:int}", opt=needs(Permission.READ_CASES), sync_to_thread=True)
def show_ticket(request: PageRequest, ticket_id: RowId, before: Before = None) -> Response[Any]:
    """One ticket; an application's is shown by its case."""
    return _ticket_page(request, ticket_id, before=before)


@post(
    "/console/tickets/{ticket_id:int}/claim", opt=needs(Permission.WORK_CASES), sync_to_thread=True
)
def claim_ticket(request: PageRequest, ticket_id: RowId, data: forms.Version) -> Response[Any]:
    """Take the ticket."""
    me = request.user
    return _do(
        request,
        ticket_id,
        lambda session, ticket, now: tickets.claim_ticket(
            session,
            ticket_id=ticket.id,
            version=data.version,
            staff_id=me.staff_id,
            by=me.by,
            now=now,
        ),
        done="ticket_claimed",
    )


@post(
    "/console/tickets/{ticket_id:int}/settle", opt=needs(Permission.WORK_CASES), sync_to_thread=True
)
def settle_ticket(request: PageRequest, ticket_id: RowId, data: forms.Version) -> Response[Any]:
    """The matter is dealt with."""
    me = request.user
    return _do(
        request,
        ticket_id,
        lambda session, ticket, now: tickets.settle_ticket(
            session,
            ticket_id=ticket.id,
            version=data.version,
            staff_id=me.staff_id,
            by=me.by,
            now=now,
        ),
        done="settled",
    )


@post(
    "/console/tickets/{ticket_id:int}/lead", opt=needs(Permission.WORK_CASES), sync_to_thread=True
)
def answer_lead(request: PageRequest, ticket_id: RowId, data: forms.LeadAnswer) -> Response[Any]:
    """Say what came of a lead; with it the ticket is settled."""
    me = request.user
    findings = words.typed_text(data.findings)

    def act(session: Session, ticket: Ticket, now: datetime) -> None:
        if len(findings) > forms.NOTE_LONGEST:
            raise Refused(f"最多 {forms.NOTE_LONGEST} 个字，请写短一些。")
        applications.answer_lead(
            session,
            ticket_id=ticket.id,
            version=data.version,
            outcome=data.outcome,
            findings=findings,
            staff=session.get_one(Staff, me.staff_id),
            by=me.by,
            now=now,
        )

    return _do(request, ticket_id, act, done="settled", findings=data.findings)


@post(
    "/console/tickets/{ticket_id:int}/reply", opt=needs(Permission.WORK_CASES), sync_to_thread=True
)
def reply_on_ticket(request: PageRequest, ticket_id: RowId, data: forms.Reply) -> Response[Any]:
    """Answer whoever wrote; the bot is silent from then on."""
    return _do(
        request,
        ticket_id,
        lambda session, ticket, now: talking.reply(
            session, contact_id=_contact_id(ticket), form=data, me=request.user, now=now
        ),
        done="replied",
        text=data.text,
        seen=data.seen,
    )


@post(
    "/console/tickets/{ticket_id:int}/hand-back",
    opt=needs(Permission.WORK_CASES),
    sync_to_thread=True,
)
def hand_back_on_ticket(
    request: PageRequest, ticket_id: RowId, data: forms.HandBack
) -> Response[Any]:
    """Give the conversation back to the bot."""
    return _do(
        request,
        ticket_id,
        lambda session, ticket, now: talking.hand_back(
            session, contact_id=_contact_id(ticket), form=data, me=request.user, now=now
        ),
        done="handed_back",
    )


def _do(
    request: PageRequest,
    ticket_id: int,
    act: Act,
    *,
    done: str,
    text: str = "",
    findings: str = "",
    seen: int | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            ticket = session.get(Ticket, ticket_id)
            if ticket is None:
                raise NotFoundException
            if _is_of_a_case(ticket):
                # Its steps are those of the case.
                return see_other(f"/console/cases/{ticket.case_id}")
            act(session, ticket, installation.clock())
    except Refused as refused:
        typed = {"text": text, "findings": findings}
        return _ticket_page(request, ticket_id, refused=refused, typed=typed, seen=seen)
    return see_other(f"/console/tickets/{ticket_id}", done=done)


def _ticket_page(
    request: PageRequest,
    ticket_id: int,
    *,
    before: int | None = None,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
    seen: int | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    me, now = request.user, installation.clock()
    with installation.database.transaction() as session:
        file = queries.ticket_file(session, ticket_id)
        if file is None:
            raise NotFoundException
        ticket = file.ticket
        if _is_of_a_case(ticket):
            return see_other(f"/console/cases/{ticket.case_id}")
        if ticket.owner_id != me.staff_id:
            audit.record(session, by=me.by, action="ticket.read", on=("ticket", ticket_id), now=now)
        tickets.read_ticket(session, ticket_id=ticket_id, by=me.by, now=now)
        talk = None
        if ticket.contact is not None:
            talk = conversation.read(
                session, ticket.contact, family="家属", now=now, before=before, seen=seen
            )
    owner = ticket.owner.display_name if ticket.owner else None
    return page(
        request,
        "ticket.html",
        status=refused_status(refused),
        ticket=ticket,
        kind=words.kind_name(ticket.kind, None),
        cases=file.cases,
        owner=owner,
        step=next_step.of_ticket(ticket, me, owner=owner),
        talk=talk,
        telephone=file.cases[0].telephone if file.cases else None,
        base=f"/console/tickets/{ticket_id}",
        limits=forms,
        refused=refused,
        typed={"text": "", "findings": "", **(typed or {})},
        outcomes=LEAD_OUTCOMES,
        before=before,
    )


def _is_of_a_case(ticket: Ticket) -> bool:
    return ticket.kind == "application" and ticket.case_id is not None


def _contact_id(ticket: Ticket) -> int:
    if ticket.contact_id is None:
        raise Refused("这张工单没有微信联系人，没法在这里回复。")
    return ticket.contact_id
