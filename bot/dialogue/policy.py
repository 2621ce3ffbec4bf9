"""Policy questions in a conversation: answered with document and clause, or handed on."""

from __future__ import annotations

from bot.casework import listing
from bot.casework.tickets import open_ticket
from bot.clock import LOCAL
from bot.dialogue import form, shortcuts
from bot.dialogue.turn import Turn
from bot.policy.answer import answer as answer_question
from bot.policy.library import library

ASK_WHAT = "您想问哪件事？比如“残疾人补贴有多少”“免费药怎么领”“监护人补贴谁能拿”。"
TO_STAFF = "我已经把您的问题转给社工，问到了在这里告诉您。"


def answer(turn: Turn) -> None:
    """Answer from the documents; what they do not answer becomes a ticket."""
    if turn.text == shortcuts.MENU_TEXTS["policy"]:
        turn.say(ASK_WHAT)
        return
    found = answer_question(
        turn.text,
        region=_home(turn),
        index=library.index(turn.session),
        today=turn.now.astimezone(LOCAL).date(),
    )
    turn.say(found.text)
    if found.answered:
        return
    open_ticket(
        turn.session,
        source_key=f"{turn.source}:question",
        kind="question",
        urgency="normal",
        summary=turn.text,
        by=turn.by,
        now=turn.now,
        contact_id=turn.contact.id,
        county_code=_home(turn),
    )
    turn.say(TO_STAFF)


def _home(turn: Turn) -> str | None:
    """Where the patient lives, as far as the family has said."""
    application = form.application_of(turn)
    if application is not None and application.answers.get("county"):
        return str(application.answers["county"])
    cases = listing.cases_of_contact(turn.session, contact_id=turn.contact.id)
    return cases[0].county_code if cases else None
