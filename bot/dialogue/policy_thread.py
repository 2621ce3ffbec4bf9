"""Where a talk about policy stands, so that "还有呢" and "那我们这儿呢" have a meaning.

Only the next message of the person may refer to it: after anything else was said, it is over.
Where the person lives is remembered.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import func, select

from bot.casework import listing
from bot.dialogue import form
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.policy.models import PolicyThread


@dataclass(frozen=True)
class Thread:
    """What was last said. All of it is empty where nothing was."""

    question: str = ""
    """The question that was answered, or that waits for `place`."""
    said: tuple[str, ...] = ()
    """What was cited so far (`bot.policy.answer.Citation.passage`)."""
    pages: tuple[str, ...] = ()
    """The pages that were cited last: see `bot.policy.library.page_of`."""
    waits_for_place: bool = False
    check: str | None = None
    """A self-check under way, by id; None: none."""
    check_answers: dict[str, str] = field(default_factory=dict)
    misses: int = 0
    """Answers in a row that the self-check could not read."""


def last(turn: Turn) -> Thread:
    """What was said in the turn before this one; empty when that was about something else."""
    row = turn.session.get(PolicyThread, turn.contact.id)
    if row is None or row.message_id is None or row.message_id != _message_before(turn):
        return Thread()
    return _of(row.state)


def left_check(turn: Turn) -> Thread | None:
    """A self-check that was not finished, however long ago."""
    row = turn.session.get(PolicyThread, turn.contact.id)
    thread = None if row is None else _of(row.state)
    return thread if thread is not None and thread.check else None


def left_question(turn: Turn) -> Thread | None:
    """A question that still waits for a place, however long ago."""
    row = turn.session.get(PolicyThread, turn.contact.id)
    thread = None if row is None else _of(row.state)
    return thread if thread is not None and thread.waits_for_place else None


def keep(turn: Turn, thread: Thread) -> None:
    """This is what the next message may refer to."""
    row = _row(turn)
    row.message_id, row.state = turn.message.id, asdict(thread)


def set_aside(turn: Turn, thread: Thread) -> None:
    """Keep it to be taken up again, but not as something that the next message answers."""
    row = _row(turn)
    row.message_id, row.state = None, asdict(thread)


def remember_place(turn: Turn, code: str) -> None:
    """The person has said where they live."""
    _row(turn).region = code


def home(turn: Turn) -> str | None:
    """Where the family lives, as far as it has said: to us, in an application, in a case."""
    row = turn.session.get(PolicyThread, turn.contact.id)
    if row is not None and row.region is not None:
        return row.region
    application = form.application_of(turn)
    if application is not None and application.answers.get("county"):
        return str(application.answers["county"])
    cases = listing.cases_of_contact(turn.session, contact_id=turn.contact.id)
    return cases[0].county_code if cases else None


def without_check(thread: Thread) -> Thread:
    """The same talk with no self-check under way."""
    return replace(thread, check=None, check_answers={}, misses=0)


def _row(turn: Turn) -> PolicyThread:
    row = turn.session.get(PolicyThread, turn.contact.id)
    if row is None:
        row = PolicyThread(contact_id=turn.contact.id, state=asdict(Thread()))
        turn.session.add(row)
    return row


def _of(state: dict[str, Any]) -> Thread:
    return Thread(**{**state, "said": tuple(state["said"]), "pages": tuple(state["pages"])})


def _message_before(turn: Turn) -> int | None:
    """The person's message before this one; events are none."""
    return turn.session.scalar(
        select(func.max(InboxMessage.id)).where(
            InboxMessage.contact_id == turn.contact.id,
            InboxMessage.id < turn.message.id,
            InboxMessage.kind.not_like("event:%"),
        )
    )
