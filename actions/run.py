"""One transaction around one action of Rasa."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rasa_sdk import Tracker

from bot.dialogue import several
from bot.dialogue.pipeline import load_turn, write_drafts
from bot.dialogue.turn import Turn
from bot.installation import Installation


class NothingToDo(Exception):
    """The message was answered already, by a turn that did not wait for Rasa."""


@contextmanager
def turn_of(installation: Installation, tracker: Tracker) -> Iterator[Turn]:
    """The turn that Rasa is taking; what it says is in the outbox when the block ends.

    Raises `NothingToDo` when the message is settled: Rasa was slow, and the answer came from
    the degraded mode.
    """
    latest = tracker.latest_message
    with installation.database.transaction() as session:
        turn = load_turn(session, int(latest["metadata"]["message_id"]), installation)
        if turn.message.state != "received":
            raise NothingToDo
        intent = latest.get("intent") or {}
        turn.intent = str(intent.get("name") or "")
        turn.confidence = float(intent.get("confidence") or 0.0)
        several.answer_others(turn)
        yield turn
        write_drafts(turn)
