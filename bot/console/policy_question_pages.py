"""What families ask: what had no answer, and what is asked most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from bot.clock import LOCAL
from bot.console import policy_words
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, see_other
from bot.console.permissions import Permission, needs
from bot.policy import own_cards, queries, questions
from bot.policy.models import PolicyQuestion
from bot.policy.own_cards import ANSWER_LONGEST, CardWords

LOOKED_BACK = timedelta(days=90)
SHOWN = 40
"""Groups on the page: those asked most; when they are dealt with, the next ones come."""
BAR_LEFT, BAR_WIDTH, CHART_WIDTH = 130, 270, 460
"""Of the chart, in the picture's own units: where bars begin, the longest of them, the whole."""


@get("/console/policy/questions", opt=needs(Permission.READ_CASES), sync_to_thread=True)
def list_questions(request: PageRequest) -> Response[Any]:
    """Unanswered questions, alike ones together; and the topics asked most, as a chart."""
    installation = installation_of(request)
    since = installation.clock() - LOOKED_BACK
    with installation.database.transaction() as session:
        groups = questions.unanswered(session, since=since)[:SHOWN]
        asked = questions.asked_most(session, since=since)
        newest = [group.newest for group in groups]
        answers = {question.id: queries.staff_answer(session, question) for question in newest}
    most = max((count.asked for count in asked), default=1)
    return page(
        request,
        "policy_questions.html",
        groups=groups,
        answers=answers,
        bars=[
            (
                policy_words.topic_name(count.topic),
                count,
                round(BAR_WIDTH * (count.asked - count.unanswered) / most),
                round(BAR_WIDTH * count.unanswered / most),
            )
            for count in asked
        ],
        left=BAR_LEFT,
        width=CHART_WIDTH,
        days=LOOKED_BACK.days,
        names=policy_words,
    )


@post(
    "/console/policy/questions/{question_id:int}/keep",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def keep_answer(request: PageRequest, question_id: RowId) -> Response[Any]:
    """Begin a card from a question and what a social worker answered to it."""
    return _keep(request, question_id=question_id)


@post(
    "/console/policy/tickets/{ticket_id:int}/keep",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def keep_answer_of_ticket(request: PageRequest, ticket_id: RowId) -> Response[Any]:
    """The same, from the page of the ticket."""
    return _keep(request, ticket_id=ticket_id)


def _keep(
    request: PageRequest, *, question_id: int | None = None, ticket_id: int | None = None
) -> Response[Any]:
    installation, me = installation_of(request), request.user
    now = installation.clock()
    today = now.astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        if ticket_id is not None:
            question = queries.question_of_ticket(session, ticket_id)
        else:
            question = session.get(PolicyQuestion, question_id)
        if question is None:
            raise NotFoundException
        card = own_cards.start(
            session,
            words=CardWords(
                questions=(question.question,),
                answer=(queries.staff_answer(session, question) or "")[:ANSWER_LONGEST],
                region=question.region,
                checked=today,
                check_again_by=today + own_cards.CHECK_EVERY,
            ),
            staff_id=me.staff_id,
            by=me.by,
            now=now,
            question_id=question.id,
        )
    return see_other(f"/console/policy/cards/{card.id}", done="card_from_answer")
