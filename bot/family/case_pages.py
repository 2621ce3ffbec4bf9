"""My cases, and one case as a timeline with what happens next."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from sqlalchemy import select

from bot.casework import family_words
from bot.casework.models import CaseEvent
from bot.console.forms import RowId
from bot.family import access, words
from bot.family import draft as drafts
from bot.family.gate import SIGNED_IN, FamilyRequest, installation_of
from bot.family.pages import HOME, page


@get(HOME, opt=SIGNED_IN, sync_to_thread=True)
def home(request: FamilyRequest) -> Response[Any]:
    """Everything that this visitor has under way."""
    with installation_of(request).database.transaction() as session:
        cases = access.cases_of(session, request.user)
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
    return page(request, "home.html", cases=cases, draft=draft, what_next=family_words.STAGE_WORDS)


@get("/family/cases/{case_id:int}", opt=SIGNED_IN, sync_to_thread=True)
def show_case(request: FamilyRequest, case_id: RowId) -> Response[Any]:
    """One case, from its application to where it stands."""
    with installation_of(request).database.transaction() as session:
        case = access.case_of(session, request.user, case_id)
        events = session.scalars(
            select(CaseEvent)
            .where(CaseEvent.case_id == case.id, CaseEvent.step.in_(words.STEP_WORDS))
            .order_by(CaseEvent.id)
        ).all()
    return page(
        request,
        "case.html",
        case=case,
        what_next=family_words.STAGE_WORDS[case.stage],
        events=[(event, words.STEP_WORDS[event.step]) for event in events],
    )
