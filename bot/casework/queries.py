"""Reads of casework for the desk: the queue and its counts, search, one case, one ticket."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from bot import places
from bot.casework import application_form
from bot.casework.cases import name_index, telephone_index
from bot.casework.models import RUNNING, UNSETTLED, Case, CaseEvent, Lead, Staff, Ticket
from bot.privacy.models import CONSENT_PURPOSES, Consent

SHOWS = ("unclaimed", "mine", "open", "urgent", "overdue")
"""The queue's views: nobody's, one's own, everything not settled, urgent, past its due time."""
FOUND_AT_MOST = 50
COUNTED_AT_MOST = 1000
"""More are not told apart from it: nobody works off a thousand in one go."""

_UNSETTLED = ("open", "claimed")
_RECEIPT = re.compile(r"(KF|XS)?(\d{8})(\d{6})")
_STAFF_LABELS = {
    "relation": "申请人是患者的",
    "is_guardian": "申请人是监护人",
    "patient_consent": "患者本人意愿（家属填的）",
}
"""Where the form's own label speaks to the family."""


@dataclass(frozen=True)
class WorkItem:
    """One row of the queue: a ticket, or a case that has no ticket of its own any more."""

    ticket_id: int | None
    case_id: int | None
    kind: str
    """A kind of ticket, or ``case``."""
    urgency: str
    stage: str | None
    """Stage of the case, where there is one."""
    patient_name: str | None
    """In full; for a ticket without a case that of the contact's newest case."""
    county_code: str | None
    since: datetime
    due_at: datetime | None
    owner_id: int | None
    owner_name: str | None
    receipt_number: str | None = None


@dataclass(frozen=True)
class CaseFile:
    """What a case page shows, apart from the conversation."""

    case: Case
    consents: Mapping[str, Consent | None]
    """The newest decision of each purpose (`bot.privacy.models.CONSENT_PURPOSES`)."""
    events: Sequence[CaseEvent]
    """Oldest first."""
    tickets: Sequence[Ticket]
    """Unsettled tickets of the same contact, other than the application's own."""
    due_at: datetime | None


@dataclass(frozen=True)
class TicketFile:
    """What a ticket page shows, apart from the conversation."""

    ticket: Ticket
    cases: Sequence[Case]
    """Cases of the same contact, newest first."""


def queue(
    session: Session, *, show: str, staff_id: int, now: datetime, page: int, size: int
) -> list[WorkItem]:
    """One page (from 1) of the queue: urgent first, then what is due first.

    Each half is read in the order of its index, as far as the page reaches: the cost follows the
    page and not the office.
    """
    work = _work(show, staff_id=staff_id, now=now, reach=page * size)
    rows = session.execute(
        select(
            work,
            Case.stage.label("stage"),
            func.coalesce(work.c.ticket_county, Case.county_code).label("county_code"),
            Staff.display_name.label("owner_name"),
        )
        .outerjoin(Case, Case.id == work.c.case_id)
        .outerjoin(Staff, Staff.id == work.c.owner_id)
        .order_by(
            work.c.urgency.desc(),  # urgent, soon, normal: the alphabet backwards
            work.c.due_at.nulls_last(),
            work.c.since,
            work.c.ticket_id,
            work.c.case_id,
        )
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    of_case, of_contact = _patient_names(
        session,
        case_ids=[row.case_id for row in rows if row.case_id],
        contact_ids=[row.contact_id for row in rows if not row.case_id and row.contact_id],
    )
    return [
        WorkItem(
            ticket_id=row.ticket_id,
            case_id=row.case_id,
            kind=row.kind,
            urgency=row.urgency,
            stage=row.stage,
            patient_name=of_case.get(row.case_id) or of_contact.get(row.contact_id),
            county_code=row.county_code,
            since=row.since,
            # A clock that stands still, waiting for the family, is not shown as running.
            due_at=row.due_at if row.paused_left is None else None,
            owner_id=row.owner_id,
            owner_name=row.owner_name,
        )
        for row in rows
    ]


def counts(session: Session, *, staff_id: int, now: datetime) -> dict[str, int]:
    """How many rows each view of the queue has, counted up to `COUNTED_AT_MOST`."""
    counted = []
    for show in SHOWS:
        work = _work(show, staff_id=staff_id, now=now, reach=COUNTED_AT_MOST, ordered=False)
        some = select(literal(1)).select_from(work).limit(COUNTED_AT_MOST).subquery()
        counted.append(select(func.count()).select_from(some).scalar_subquery().label(show))
    row = session.execute(select(*counted)).one()
    return {show: row._mapping[show] for show in SHOWS}


def search(session: Session, said: str) -> list[WorkItem]:
    """What a receipt number, a telephone number or a patient's name belongs to, newest first.

    Closed cases are found too; a lead is found by its own receipt number alone.
    """
    said = "".join(unicodedata.normalize("NFKC", said).upper().split())
    digits = re.sub(r"[-_()+—–－]", "", said)
    if receipt := _RECEIPT.fullmatch(digits):
        kind, day, number = receipt.groups()
        if kind == "XS":
            return _leads(session, f"XS{day}-{number}")
        return _cases(session, Case.receipt_number == f"KF{day}-{number}")
    if digits.isascii() and digits.isdigit():
        return _cases(session, Case.telephone_index == telephone_index(digits))
    return _cases(session, Case.patient_name_index == name_index(said)) if said else []


def case_file(session: Session, case_id: int) -> CaseFile | None:
    """Everything a case page shows; None when there is no such case."""
    found = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .options(joinedload(Case.application), joinedload(Case.contact), joinedload(Case.assignee))
    )
    if found is None:
        return None
    given = session.scalars(
        select(Consent)
        .where(Consent.application_id == found.application_id)
        .ext(distinct_on(Consent.purpose))
        .order_by(Consent.purpose, Consent.id.desc())
    ).all()
    by_purpose = {consent.purpose: consent for consent in given}
    unsettled = session.scalars(
        select(Ticket)
        .where(
            or_(Ticket.case_id == found.id, Ticket.contact_id == found.contact_id),
            Ticket.state.in_(_UNSETTLED),
        )
        .options(joinedload(Ticket.owner))
        .order_by(Ticket.due_at, Ticket.id)
        .limit(FOUND_AT_MOST)
    ).all()
    own = [t for t in unsettled if t.kind == "application" and t.case_id == found.id]
    return CaseFile(
        case=found,
        consents={purpose: by_purpose.get(purpose) for purpose in CONSENT_PURPOSES},
        events=session.scalars(
            select(CaseEvent).where(CaseEvent.case_id == found.id).order_by(CaseEvent.id)
        ).all(),
        tickets=[t for t in unsettled if t.kind != "application"],
        due_at=own[0].due_at if own else None,
    )


def ticket_file(session: Session, ticket_id: int) -> TicketFile | None:
    """Everything a ticket page shows; None when there is no such ticket."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .options(joinedload(Ticket.contact), joinedload(Ticket.owner))
    )
    if ticket is None:
        return None
    cases: Sequence[Case] = ()
    if ticket.contact_id is not None:
        cases = session.scalars(
            select(Case)
            .where(Case.contact_id == ticket.contact_id)
            .order_by(Case.id.desc())
            .limit(FOUND_AT_MOST)
        ).all()
    return TicketFile(ticket=ticket, cases=cases)


def staff_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Display names of the members of staff among ``actors`` (``staff:ID``)."""
    ids = {int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")}
    if not ids:
        return {}
    found = session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
    return {f"staff:{staff_id}": name for staff_id, name in found}


def answer_rows(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each answer, as staff read them; unknown fields are left out."""
    labels = {**application_form.LABELS, **_STAFF_LABELS}
    return [
        (labels[field], application_form.shown(field, answers[field]))
        for field in application_form.LABELS
        if field in answers
    ]


def relation_name(code: str | None) -> str:
    """Who somebody is to the patient, in a word."""
    return application_form.RELATIONS.get(code or "", code or "")


def county_name(code: str | None, *, full: bool = False) -> str:
    """A county's own or full name; empty when it is not known."""
    place = places.get(code) if code else None
    if place is None:
        return ""
    return place.full_name if full else place.name


def _work(show: str, *, staff_id: int, now: datetime, reach: int, ordered: bool = True) -> Subquery:
    """The first ``reach`` tickets and cases of one view of the queue, in one shape."""
    tickets = (
        select(
            Ticket.id.label("ticket_id"),
            Ticket.case_id.label("case_id"),
            Ticket.contact_id.label("contact_id"),
            Ticket.kind.label("kind"),
            Ticket.urgency.label("urgency"),
            Ticket.county_code.label("ticket_county"),
            Ticket.created_at.label("since"),
            Ticket.due_at.label("due_at"),
            Ticket.paused_left.label("paused_left"),
            Ticket.owner_id.label("owner_id"),
        )
        .where(text(f"ticket.{UNSETTLED}"), *_tickets_shown(show, staff_id=staff_id, now=now))
        .limit(reach)
    )
    # A case under review is shown by its application's ticket; afterwards it stands for itself.
    under_review = exists().where(
        Ticket.case_id == Case.id, Ticket.kind == "application", Ticket.state.in_(_UNSETTLED)
    )
    cases = (
        select(
            cast(null(), Ticket.id.type).label("ticket_id"),
            Case.id.label("case_id"),
            Case.contact_id,
            literal("case").label("kind"),
            literal("normal").label("urgency"),
            cast(null(), Ticket.county_code.type).label("ticket_county"),
            Case.updated_at.label("since"),
            cast(null(), Ticket.due_at.type).label("due_at"),
            cast(null(), Ticket.paused_left.type).label("paused_left"),
            Case.assigned_to.label("owner_id"),
        )
        .where(text(f'"case".{RUNNING}'), ~under_review, *_cases_shown(show, staff_id=staff_id))
        .limit(reach)
    )
    if ordered:
        tickets = tickets.order_by(
            Ticket.urgency.desc(), Ticket.due_at, Ticket.created_at, Ticket.id
        )
        cases = cases.order_by(Case.updated_at, Case.id)
    if show in ("urgent", "overdue"):  # a case without a ticket is neither
        return tickets.subquery("work")
    return union_all(tickets.subquery().select(), cases.subquery().select()).subquery("work")


def _tickets_shown(show: str, *, staff_id: int, now: datetime) -> list[ColumnElement[bool]]:
    if show == "unclaimed":
        return [Ticket.owner_id.is_(None)]
    if show == "mine":
        return [Ticket.owner_id == staff_id]
    if show == "urgent":
        return [Ticket.urgency == "urgent"]
    if show == "overdue":
        return [Ticket.due_at < now, Ticket.paused_left.is_(None)]
    return []


def _cases_shown(show: str, *, staff_id: int) -> list[ColumnElement[bool]]:
    if show == "unclaimed":
        return [Case.assigned_to.is_(None)]
    if show == "mine":
        return [Case.assigned_to == staff_id]
    return []


def _patient_names(
    session: Session, *, case_ids: Sequence[int], contact_ids: Sequence[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """Patients' names by case, and by contact of its newest case."""
    of_case = session.execute(select(Case.id, Case.patient_name).where(Case.id.in_(case_ids)))
    of_contact = session.execute(
        select(Case.contact_id, Case.patient_name)
        .where(Case.contact_id.in_(contact_ids))
        .ext(distinct_on(Case.contact_id))
        .order_by(Case.contact_id, Case.id.desc())
    )
    return dict(of_case.all()), dict(of_contact.all())


def _cases(session: Session, wanted: ColumnElement[bool]) -> list[WorkItem]:
    rows = session.execute(
        select(Case, Ticket)
        .outerjoin(Ticket, and_(Ticket.case_id == Case.id, Ticket.kind == "application"))
        .options(joinedload(Case.assignee))
        .where(wanted)
        .order_by(Case.id.desc())
        .limit(FOUND_AT_MOST)
    ).all()
    return [
        WorkItem(
            ticket_id=None,
            case_id=found.id,
            kind="case",
            urgency=ticket.urgency if ticket else "normal",
            stage=found.stage,
            patient_name=found.patient_name,
            county_code=found.county_code,
            since=found.submitted_at,
            due_at=ticket.due_at if ticket and ticket.state in _UNSETTLED else None,
            owner_id=found.assigned_to,
            owner_name=found.assignee.display_name if found.assignee else None,
            receipt_number=found.receipt_number,
        )
        for found, ticket in rows
    ]


def _leads(session: Session, receipt_number: str) -> list[WorkItem]:
    rows = session.execute(
        select(Lead.receipt_number, Ticket)
        .join(Ticket, Ticket.source_key == func.concat("lead:", Lead.id))
        .options(joinedload(Ticket.owner))
        .where(Lead.receipt_number == receipt_number)
    ).all()
    return [
        WorkItem(
            ticket_id=ticket.id,
            case_id=None,
            kind=ticket.kind,
            urgency=ticket.urgency,
            stage=None,
            patient_name=None,
            county_code=ticket.county_code,
            since=ticket.created_at,
            due_at=ticket.due_at if ticket.state in _UNSETTLED else None,
            owner_id=ticket.owner_id,
            owner_name=ticket.owner.display_name if ticket.owner else None,
            receipt_number=number,
        )
        for number, ticket in rows
    ]
