"""Questions about medicine: the fixed safe answers of `bot.safety.medication`, and a ticket."""

from __future__ import annotations

from bot.casework.tickets import open_ticket
from bot.dialogue import care
from bot.dialogue.turn import Turn
from bot.safety import medication

IN_GENERAL = (
    "吃药的事我不敢乱说：不要自己加、减、停，也不要把漏的一次补成双份。"
    "请问开药的医生或者药店的药师。已经告诉社工，会跟您联系。"
)


def answer(turn: Turn) -> bool:
    """Give the fixed answer where the words call for one; True when they did."""
    concern = medication.check(turn.text)
    if concern is None:
        return False
    if concern.kind == "deceased":
        care.stop_for_death(turn)
    urgent = concern.severity in ("urgent", "emergency")
    _ticket(turn, urgent=urgent)
    for part in medication.medication_reply(concern, reminders_stopped=True):
        turn.say(part)
    return True


def answer_in_general(turn: Turn) -> None:
    """A medicine question without a fixed answer of its own."""
    _ticket(turn, urgent=False)
    turn.say(IN_GENERAL)


def condole(turn: Turn) -> None:
    """The patient has died: condolences, no question, and a person hears of it."""
    care.stop_for_death(turn)
    _ticket(turn, urgent=False)
    for part in medication.medication_reply(
        medication.MedicationConcern("deceased", "mild", ("intent",))
    ):
        turn.say(part)


def _ticket(turn: Turn, *, urgent: bool) -> None:
    open_ticket(
        turn.session,
        source_key=f"{turn.source}:medication",
        kind="medication",
        urgency="urgent" if urgent else "soon",
        summary=turn.text,
        by="system:safety",
        now=turn.now,
        contact_id=turn.contact.id,
    )
