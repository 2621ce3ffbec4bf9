"""A message that wants several things: each is answered, the most urgent first.

One part leads: it answers or opens the form, and goes on through Rasa, so that the form's
question is the last that is read. The others are answered before it, in the same transaction as
the first of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.delivery.outbox import Draft
from bot.dialogue import crisis, form, steps, submitted
from bot.dialogue.turn import Turn
from bot.dialogue.wishes import MEDICINE, URGENCY, Wish, names_itself, take_apart, wishes_of
from bot.nlu import model

AT_ONCE = 3
"""More answers than these are a wall; what is left over is named, so that it is not lost."""
LATER = "您还说到{things}。我们一件一件来，回头再跟我说一声就行。"
OF_THE_DANGER = (MEDICINE, "caregiver_stress", "green_channel", "complaint")
"""In a message in danger these are the danger itself, or kept in their own way."""
AFTER_THE_DANGER = "您还说到{things}，我记着。等人平安了，再跟我说一声就行。"
THINGS = {
    MEDICINE: "吃药的事",
    "green_channel": "送医院",
    "caregiver_stress": "您自己的难处",
    "complaint": "投诉",
    "ask_human": "找社工",
    "reminder_cancel": "停提醒",
    "reminder_change": "改提醒",
    "reminder_set": "设提醒",
    "check_status": "申请进度",
    "apply_rehab": "申请康复",
    "respite": "找人替您照看",
    "disability_cert": "残疾证",
    "employment": "找工作",
    "policy": "补贴政策",
}
"""How each topic is named to the family."""


@dataclass(frozen=True)
class Parts:
    """A message of several wishes: the words that lead, and the others, most urgent first."""

    leading: str
    others: tuple[Wish, ...]


def parts_of(turn: Turn) -> Parts | None:
    """The parts of a message, or None where it is one. The same for every part of a turn."""
    application = form.application_of(turn)
    if form.waits_for_answer(application):
        if form.asks_for_free_words(application):
            return None
        return _beside_an_answer(turn)
    try:
        wishes = wishes_of(turn.text, model.current())
    except model.NoModel:
        return None
    if len(wishes) < 2 or submitted.is_asked_for_more(turn):
        return None  # what the social worker asked for is told in many ways
    return _led(wishes)


def answer_others(turn: Turn) -> None:
    """Answer what does not lead, once; from here on the turn is about what leads.

    Called wherever a turn goes on that needed understanding.
    """
    first = not turn.replied and not turn.drafts
    if first:
        crisis.ask_gently_about_now(turn)
    parts = parts_of(turn)
    if parts is None:
        return
    if first:
        leading = turn.intent
        for wish in parts.others[:AT_ONCE]:
            turn.text, turn.intent = wish.text, wish.intent
            steps.answer_beside(turn)
        turn.intent = leading
        if left := parts.others[AT_ONCE:]:
            turn.say(LATER.format(things=_named(left)))
    turn.text = parts.leading


def remember_after_danger(turn: Turn) -> None:
    """What a message in danger wants besides: named at the end, and not one word more."""
    try:
        wishes = wishes_of(turn.text, model.current())
    except model.NoModel:
        return
    besides = tuple(w for w in wishes if w.topic not in OF_THE_DANGER and names_itself(w))
    if besides:
        words = AFTER_THE_DANGER.format(things=_named(besides))
        turn.drafts.append(Draft(words, purpose="crisis", apart=True))


def _beside_an_answer(turn: Turn) -> Parts | None:
    try:
        apart = take_apart(
            turn.text, model.current(), answers=lambda words: form.reads(turn, words)
        )
    except model.NoModel:
        return None
    if not apart.answer:
        return _led(apart.wishes) if len(apart.wishes) > 1 else None
    others = tuple(wish for wish in apart.wishes if wish.topic != "apply_rehab")
    return Parts(apart.answer, _by_urgency(others)) if others else None


def _led(wishes: tuple[Wish, ...]) -> Parts:
    ordered = _by_urgency(wishes)
    leading = next((wish for wish in ordered if wish.topic == "apply_rehab"), ordered[-1])
    return Parts(leading.text, tuple(wish for wish in ordered if wish is not leading))


def _by_urgency(wishes: tuple[Wish, ...]) -> tuple[Wish, ...]:
    return tuple(sorted(wishes, key=lambda wish: URGENCY.index(wish.topic)))


def _named(wishes: tuple[Wish, ...]) -> str:
    return "、".join(dict.fromkeys(THINGS[wish.topic] for wish in wishes))
