"""Crisis in a conversation: the reply first, then the ticket and the staff on duty.

Rules: docs/safety.md. The reply is never held up: where the ticket cannot be written it is
kept in the spool and written as soon as it can be (`bot.dialogue.spool`).
"""

from __future__ import annotations

from bot.casework.tickets import open_ticket
from bot.delivery.outbox import Draft
from bot.dialogue.form import application_of
from bot.dialogue.turn import Turn
from bot.safety import Screening, screen
from bot.safety.replies import crisis_reply

STILL_THERE = "刚才填的申请给您留着，什么时候想接着填，回复“继续”。"


def screen_turn(turn: Turn) -> bool:
    """Answer a crisis at once; True when the turn ends with it."""
    found = screen(turn.text)
    if found.level not in ("imminent", "risk"):
        return False
    # Whether staff are on duty is known once there is a roster; until then nothing is claimed.
    parts = crisis_reply(found, duty=False, text=turn.text)
    turn.drafts += [Draft(part, purpose="crisis", apart=True) for part in parts]
    _ticket(turn, found)
    application = application_of(turn)
    if application is not None:
        application.paused = True
        turn.drafts.append(Draft(STILL_THERE, purpose="crisis", apart=True))
    return True


def is_past(text: str) -> bool:
    """A danger that is over is told, in passing or as history."""
    return screen(text).level == "history"


def ask_gently_about_now(turn: Turn) -> None:
    """A past attempt that was mentioned: go on helping, ask about now, tell the social worker."""
    if not turn.text:
        return
    found = screen(turn.text)
    if found.level != "history":
        return
    for part in crisis_reply(found, duty=False, text=turn.text):
        turn.say(part)
    _ticket(turn, found)


def _ticket(turn: Turn, found: Screening) -> None:
    open_ticket(
        turn.session,
        source_key=f"{turn.source}:crisis",
        kind="crisis",
        urgency="soon" if found.level == "history" else "urgent",
        summary=turn.text,
        by="system:safety",
        now=turn.now,
        contact_id=turn.contact.id,
    )
