"""The stages of one turn, each a small function over it.

`before_understanding` runs screen → owner → shortcut → mask and returns the masked text for
Rasa, or None when the turn needs no understanding. `after_understanding` writes the reply.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.casework import conversation
from bot.casework.tickets import open_ticket
from bot.dialogue import (
    care,
    complaints,
    crisis,
    events,
    form,
    policy_check,
    policy_follow,
    several,
    shortcuts,
    steps,
    submitted,
)
from bot.dialogue.degraded import understand_without_rasa
from bot.dialogue.masked import masked
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.nlu.model import NoModel

AWAY = (
    "我这边出了点故障，一时听不懂长的话。您的话我留着，好了马上回复您。\n"
    "着急的话：回复“人工”找社工；人有危险打110或120；心里难受打12356。"
)
GIVEN_UP = "对不起，您刚才那句话我没处理好，已经交给社工了，看到会回复您。急事请打电话，别等微信。"


def text_of(message: InboxMessage) -> str:
    """The words of a message, or those that it stands for; else empty."""
    return message.words


def before_understanding(turn: Turn) -> str | None:
    """The turn's way to Rasa: its masked text, or None when the reply is settled without."""
    for stage in _STAGES:
        if stage(turn):
            return None
    parts = several.parts_of(turn)
    return masked(turn, turn.text if parts is None else parts.leading)


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
    if not turn.text or not crisis.screen_turn(turn):
        return False
    several.remember_after_danger(turn)
    complaints.keep_after_danger(turn)
    return True


def owner(turn: Turn) -> bool:
    """While a person answers, the bot is silent; only following and leaving is noted.

    A person who has said nothing for long has left without handing back: the bot takes over.
    """
    if turn.contact.owner != "staff":
        return False
    if conversation.take_back_if_left(turn.session, contact=turn.contact, now=turn.now):
        return False
    if complaints.take(turn):
        return True  # it may be about the very person who answers
    events.note(turn)
    return True


def shortcut(turn: Turn) -> bool:
    """Events, pictures, empty texts; menu keys and numbers become the words they stand for."""
    if events.handle(turn):
        return True
    turn.stands_for(shortcuts.meant(turn))
    if care.answers(turn):
        return True
    if not form.waits_for_answer(form.application_of(turn)):
        missing = shortcuts.not_on_the_list(turn)
        if missing is not None:
            turn.say(missing)
            return True
    if policy_check.leave(turn):
        return True
    if complaints.take(turn):
        steps.medicine_in_a_complaint(turn)
        return True
    return submitted.chosen(turn) or submitted.objects(turn) or steps.command(turn)


def complaint(turn: Turn) -> bool:
    """A complaint that the model is sure of stays here: Rasa never reads its words."""
    if not turn.text or several.parts_of(turn) is not None:
        return False
    if crisis.is_past(turn.text) or not complaints.hear(turn):
        return False
    steps.medicine_in_a_complaint(turn)
    return True


def medicine(turn: Turn) -> bool:
    """Medicine is answered by rules wherever rules know the answer, never by a model's guess.

    Where more is wanted, the answer comes with the others (`bot.dialogue.several`).
    """
    if not turn.text or several.parts_of(turn) is not None:
        return False
    if not steps.medicine_by_rule(turn):
        return False
    crisis.ask_gently_about_now(turn)
    return True


def reminders(turn: Turn) -> bool:
    """Plans are read by their own grammar, and never by a model's guess."""
    if not turn.text or several.parts_of(turn) is not None:
        return False
    if form.reads(turn, turn.text) and not care.is_plan(turn.text):
        return False
    if crisis.is_past(turn.text) and not care.is_plan(turn.text):
        return False  # "换药以后没有了" tells what was, and orders nothing
    if not care.orders(turn):
        return False
    crisis.ask_gently_about_now(turn)
    return True


def policy_talk(turn: Turn) -> bool:
    """What refers to the last answer about policy, and the questions of a self-check."""
    if form.reads(turn, turn.text):
        return False  # 思明区 is first of all what the form has asked for
    return policy_follow.follow(turn)


_STAGES: tuple[Callable[[Turn], bool], ...] = (
    screen,
    owner,
    shortcut,
    complaint,
    medicine,
    reminders,
    policy_talk,
)
