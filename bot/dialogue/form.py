"""The voluntary application in a conversation: reading answers, asking the next question.

The draft lives in the database and is the truth; Rasa's form and the degraded mode both lead
through it with `read_answer` and `ask_next`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from bot.casework import application_form, applications, cases, consent_texts, family_words
from bot.casework.answers import read_answers
from bot.casework.models import Application, Case
from bot.clock import LOCAL
from bot.dialogue.turn import Turn
from bot.privacy.masking import KnownValue

MISSES_BEFORE_PERSON = 3

OPENING = "好的，我来帮您填申请，大概十个问题，随时可以停下，下次接着填。\n"
OFFER_PERSON = "这一题不好答也没关系。回复“人工”，我请社工来问您；回复“跳过”，先空着。"
PAUSED = "好的，先停在这里。填好的给您留着，想接着填就回复“继续”。"
DROPPED = "好的，申请不办了，刚才填的都删掉了。以后想办，回复“我要申请”。"
REFUSED_DATA = "好的，那就不记了，刚才说的我已经删掉。想先了解一下，可以回复“人工”找社工聊。"
GUARDIAN_REFUSED = "明白，您再想想，不着急。填好的给您留着；想好了回复“继续”，想问社工回复“人工”。"
PATIENT_REFUSED = (
    "明白了。参加全凭自愿，没有本人点头不会安排服务。"
    "申请还是可以交给社工，由社工来和他（她）聊聊，不勉强。"
)
CHILD_NEEDS_GUARDIAN = (
    "孩子不满14岁，要请监护人（一般是爸爸妈妈）亲自来和我申请。"
    "填好的给您留着；不方便的话回复“人工”，社工来帮忙。"
)
WELCOME_BACK = "上次填到“{label}”，我们接着来。"
THIRD_PARTY_ASK = (
    "谢谢您惦记着。别人不能替他申请，但您可以告诉社工一声，社工会先去问本人和家里人愿不愿意。\n"
    "请用一两句话说：在哪个县（区）哪个村或社区，大概是什么情况。不用写名字和身份证号。"
)
LEAD_TAKEN = (
    "记下了，编号 {number}，已经交给社工。社工会先问过本人和家里人；"
    "为了保护他们，后面的情况不能告诉您，请谅解。"
)


class Outcome(StrEnum):
    """What a message was to the form."""

    ANSWERED = "answered"
    PROBLEM = "problem"
    NOT_AN_ANSWER = "not_an_answer"
    PAUSED = "paused"
    DROPPED = "dropped"
    SUBMITTED = "submitted"


def application_of(turn: Turn) -> Application | None:
    """The contact's open draft."""
    return turn.session.scalar(
        select(Application).where(
            Application.contact_id == turn.contact.id, Application.state == "draft"
        )
    )


def known_values(turn: Turn) -> Iterable[KnownValue]:
    """What is known of this contact's people, so that it is masked wherever it appears."""
    known: dict[tuple[str, str], None] = {}
    applications_found = turn.session.scalars(
        select(Application).where(Application.contact_id == turn.contact.id)
    )
    for application in applications_found:
        for field, kind in (("patient_name", "name"), ("telephone", "phone")):
            if value := application.answers.get(field):
                known[(kind, value)] = None
    return [KnownValue(kind=kind, value=value) for kind, value in known]


def today_of(turn: Turn) -> date:
    return turn.now.astimezone(LOCAL).date()


def start(turn: Turn) -> None:
    """Open the form, or go on with the draft; what the opening message tells is taken."""
    application = application_of(turn)
    if application is not None:
        resume(turn, application)
        return
    application = applications.start_application(
        turn.session, contact_id=turn.contact.id, by=turn.by, now=turn.now
    )
    _take(turn, application, asked=None)
    if application_form.is_third_party(application.answers):
        applications.ask(application, "lead_description", now=turn.now)
        turn.say(THIRD_PARTY_ASK)
        return
    turn.say(OPENING + consent_texts.SENSITIVE_DATA + consent_texts.SENSITIVE_DATA_ASK)
    ask_next(turn, application)


def resume(turn: Turn, application: Application) -> None:
    """Go on where the family left."""
    application.paused = False
    field = application_form.next_field(application.answers, today=today_of(turn))
    label = application_form.LABELS.get(field or "", "核对")
    turn.say(WELCOME_BACK.format(label=label))
    ask_next(turn, application)


def ask_next(turn: Turn, application: Application) -> None:
    """Ask the next question."""
    today = today_of(turn)
    if application.asked == "lead_description":
        turn.say(THIRD_PARTY_ASK)
        return
    field = application_form.next_field(application.answers, today=today)
    if field is None:
        return
    asked = application_form.question(field, application.answers, today=today)
    applications.ask(application, field, now=turn.now)
    turn.say(asked.text, choices=asked.choices)


def read_answer(turn: Turn) -> Outcome:
    """Take what a message answers. Says only what the answer itself calls for."""
    application = application_of(turn)
    if application is None or application.paused:
        return Outcome.NOT_AN_ANSWER
    if application.asked == "lead_description":
        return _take_lead(turn, application)
    asked = application.asked
    read = _take(turn, application, asked=asked)
    if read is not None:
        return read
    return Outcome.NOT_AN_ANSWER


def _take(turn: Turn, application: Application, *, asked: str | None) -> Outcome | None:
    raise NotImplementedError
