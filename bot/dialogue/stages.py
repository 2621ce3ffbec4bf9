"""The stages of one turn, each a small function over it.

`before_understanding` runs screen → owner → shortcut → mask and returns the masked text for
Rasa, or None when the turn needs no understanding. `after_understanding` writes the reply.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.casework import conversation
from bot.casework.tickets import open_ticket
from bot.dialogue import crisis, events, shortcuts, steps
from bot.dialogue.degraded import understand_without_rasa
from bot.dialogue.form import application_of, known_values
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.nlu.model import NoModel
from bot.privacy.masking import mask

AWAY = (
    "我这边出了点故障，一时听不懂长的话。您的话我留着，好了马上回复您。\n"
    "着急的话：回复“人工”找社工；人有危险打110或120；心里难受打12356。"
)
GIVEN_UP = "对不起，您刚才那句话我没处理好，已经交给社工了，看到会回复您。急事请打电话，别等微信。"


def text_of(message: InboxMessage) -> str:
    """The words of a message, or those that it stands for; else empty."""
    if message.meant is not None:
        return message.meant
    if message.kind in ("text", "voice"):
        payload = message.payload
        return str(payload.get("content") or payload.get("recognition") or "")
    return ""


def before_understanding(turn: Turn) -> str | None:
    """The turn's way to Rasa: its masked text, or None when the reply is settled without."""
    for stage in _STAGES:
        if stage(turn):
            return None
    return _masked(turn)


def after_understanding(turn: Turn, *, said: list[str]) -> None:
    """Write what is still to be said. Rasa's own actions have written theirs already."""
    for text in said:
        turn.say(text)
    if not turn.drafts and not turn.replied:
        # Rasa is away, or its turn broke on the way to the actions.
        try:
            understand_without_rasa(turn)
        except NoModel:
            turn.parked = True
            turn.say(AWAY)
    crisis.ask_gently_about_now(turn)


def give_up(turn: Turn) -> None:
    """A message that failed again and again goes to a person, and the family is told."""
    open_ticket(
        turn.session,
        source_key=f"{turn.source}:unanswered",
        kind="unanswered",
        urgency="soon",
        summary=turn.text or f"（{turn.message.kind}）",
        by="system:dialogue",
        now=turn.now,
        contact_id=turn.contact.id,
    )
    turn.say(GIVEN_UP)


def screen(turn: Turn) -> bool:
    """Crisis before everything, in every state of a conversation."""
    return bool(turn.text) and crisis.screen_turn(turn)


def owner(turn: Turn) -> bool:
    """While a person answers, the bot is silent; only following and leaving is noted.

    A person who has said nothing for long has left without handing back: the bot takes over.
    """
    if turn.contact.owner != "staff":
        return False
    if conversation.take_back_if_left(turn.session, contact=turn.contact, now=turn.now):
        return False
    events.note(turn)
    return True


def shortcut(turn: Turn) -> bool:
    """Events, pictures, empty texts; menu keys and numbers become the words they stand for."""
    if events.handle(turn):
        return True
    turn.stands_for(shortcuts.meant(turn))
    return steps.command(turn)


def medicine(turn: Turn) -> bool:
    """Medicine is answered by rules wherever rules know the answer, never by a model's guess."""
    return bool(turn.text) and steps.medicine_by_rule(turn)


_STAGES: tuple[Callable[[Turn], bool], ...] = (screen, owner, shortcut, medicine)


def _masked(turn: Turn) -> str:
    """The text without personal data: all that Rasa and its tracker store ever see."""
    application = application_of(turn)
    expecting = None
    if application is not None and not application.paused:
        expecting = {"patient_name": "name", "telephone": "phone"}.get(application.asked or "")
    return mask(turn.text, known=known_values(turn), expecting=expecting).text
