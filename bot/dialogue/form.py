"""The voluntary application in a conversation: reading answers, asking the next question.

The draft lives in the database and is the truth; Rasa's form and the degraded mode both lead
through it with `read_answer` and `ask_next`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeGuard

from sqlalchemy import select

from bot.casework import (
    application_form,
    applications,
    cases,
    consent_texts,
    family_words,
    listing,
)
from bot.casework.answers import Command, read_command
from bot.casework.form_reading import FormReading, read_for_form
from bot.casework.models import Application, Case
from bot.casework.stages import CLOSED_STAGES
from bot.clock import LOCAL
from bot.dialogue import form_words
from bot.dialogue.turn import Turn
from bot.privacy.masking import KnownValue
from bot.privacy.models import Consent

MISSES_BEFORE_PERSON = 3

LEAD_DESCRIPTION = "lead_description"
INTERRUPTION_CONFIDENCE = 0.5
IDLE = timedelta(hours=12)
"""After so long a question is not simply asked again: what it belongs to is said first."""
SAME_FOR_ALL = ("relation", "county", "telephone", "service_forms", "is_guardian")
"""Answers that a caregiver may give for a second patient with "和上次一样"."""
_SAME = re.compile(
    "还是(?:那个|那里|那边|原来|老|这个|上次|之前|一样)|(?:[跟和同与]|像)?(?:上次|上回|之前|刚才|前面|原来|头一个|老大|他哥|他弟|他姐|他妹)的?(?:是|也)?一样|同上|没变|一样的$|^一样"
)
FORM_WORDS = (
    "affirm",
    "deny",
    "go_back",
    "stop",
    "start_over",
    "apply_start",
    "apply_resume",
    "apply_edit",
    "nlu_fallback",
    "noise",
    "off_topic",
    "",
)
"""Fine intents that an answer to a question is easily taken for."""


class Outcome(StrEnum):
    """What a message was to the form."""

    ANSWERED = "answered"
    PROBLEM = "problem"
    ASKED_BACK = "asked_back"
    NOT_AN_ANSWER = "not_an_answer"
    PAUSED = "paused"
    DROPPED = "dropped"
    SUBMITTED = "submitted"


def application_of(turn: Turn) -> Application | None:
    """The contact's open draft, looked up once a turn."""
    known = turn.application
    if not turn.looked_up or (known is not None and known not in turn.session):
        turn.application = turn.session.scalar(
            select(Application).where(
                Application.contact_id == turn.contact.id, Application.state == "draft"
            )
        )
        turn.looked_up = True
    elif known is not None and known.state != "draft":
        turn.application = None
    return turn.application


def waits_for_answer(application: Application | None) -> TypeGuard[Application]:
    """A question of the form is open."""
    return application is not None and not application.paused and application.asked is not None


def asks_for_free_words(application: Application) -> bool:
    """What is asked is told, not answered: whatever the message holds belongs to it."""
    return application.asked == LEAD_DESCRIPTION


def known_values(turn: Turn) -> Iterable[KnownValue]:
    """What is known of this contact's people, so that it is masked wherever it appears."""
    known: dict[KnownValue, None] = {}
    drafts_and_more = turn.session.scalars(
        select(Application).where(Application.contact_id == turn.contact.id)
    )
    for application in drafts_and_more:
        if name := application.answers.get("patient_name"):
            known[KnownValue("name", name)] = None
        if telephone := application.answers.get("telephone"):
            known[KnownValue("telephone", telephone)] = None
    return list(known)


def today_of(turn: Turn) -> date:
    return turn.now.astimezone(LOCAL).date()


def start(turn: Turn) -> None:
    """Open the form, or go on with the draft; what the opening message tells is taken.

    The next question is asked by whoever leads through the form: Rasa, or the degraded mode.
    """
    application = application_of(turn)
    if application is not None:
        application.paused = False
        turn.say(form_words.WELCOME_BACK.format(label=next_label(turn, application)))
        return
    application = turn.application = applications.start_application(
        turn.session, contact_id=turn.contact.id, by=turn.by, now=turn.now
    )
    read = read_for_form(turn.text, asked=None, known={}, today=today_of(turn))
    _save(turn, application, _facts_of(read))
    if application_form.is_third_party(application.answers):
        return
    for case in listing.cases_of_contact(turn.session, contact_id=turn.contact.id):
        if case.stage not in CLOSED_STAGES:
            known = form_words.ANOTHER_IS_UNDER_WAY
            turn.say(known.format(name=case.patient_name, number=case.receipt_number))
            break
    turn.say(form_words.OPENING + consent_texts.SENSITIVE_DATA + consent_texts.SENSITIVE_DATA_ASK)


def is_idle(turn: Turn) -> bool:
    """Nobody has gone on with the form for long."""
    application = application_of(turn)
    return application is not None and turn.now - application.updated_at > IDLE


def next_label(turn: Turn, application: Application) -> str:
    """What comes next in the form, as it is named to the family."""
    field = application_form.next_field(application.answers, today=today_of(turn))
    return application_form.LABELS.get(field or "", "核对")


def reads(turn: Turn, words: str) -> bool:
    """These words of a message answer the open question, or steer the form."""
    application = application_of(turn)
    if not waits_for_answer(application):
        return False
    known = application.answers
    read = read_for_form(words, asked=application.asked, known=known, today=today_of(turn))
    return application.asked in read.answers or read.command is not None


def leave(turn: Turn, application: Application) -> None:
    """Stop asking, and do not come back to it unasked; "继续" still goes on."""
    application.paused, application.asked = True, None


def drop(turn: Turn, application: Application) -> None:
    """Delete the draft, as the family wishes."""
    applications.erase_draft(turn.session, application=application, by=turn.by, now=turn.now)
    turn.say(form_words.DROPPED)


def ask_next(turn: Turn, application: Application, *, in_full: bool = False) -> None:
    """Ask the next question, unless this turn has asked something already.

    What is to be confirmed is listed once; again when something in it is new, or ``in_full``.
    """
    message_id = turn.message.id
    if application.asked_in == message_id:
        return
    if application.asked is not None and is_idle(turn):
        turn.say(form_words.WELCOME_BACK.format(label=next_label(turn, application)))
    if application_form.is_third_party(application.answers):
        applications.ask(application, LEAD_DESCRIPTION, message_id=message_id, now=turn.now)
        turn.say(form_words.THIRD_PARTY_ASK)
        return
    today = today_of(turn)
    field = application_form.next_field(application.answers, today=today)
    if field is None:
        return
    asked = application_form.question(field, application.answers, today=today)
    # Read a moment ago and nothing new since: the whole list again would only tire.
    only_wait = field == application.asked == "confirmation" and not (
        # A correction was taken by an earlier action of this turn, or by this one.
        in_full or is_idle(turn) or application.updated_at >= turn.message.received_at
    )
    applications.ask(application, field, message_id=message_id, now=turn.now)
    if only_wait:
        turn.say(form_words.STILL_TO_CONFIRM)
    else:
        turn.say(asked.text, choices=asked.choices)


def read_answer(turn: Turn) -> Outcome:
    """Take what a message answers. Says only what the answer itself calls for."""
    application = application_of(turn)
    if application is None or application.paused or application.asked is None:
        return Outcome.NOT_AN_ANSWER
    if application.asked == LEAD_DESCRIPTION:
        return _take_lead(turn, application)
    today = today_of(turn)
    read = read_for_form(turn.text, asked=application.asked, known=application.answers, today=today)
    command = read.command
    if command is None and read_command(turn.text, asked=False) is Command.PAUSE:
        command = Command.PAUSE  # 不说了 is no answer, not even to a request for consent
    if command is not None:
        done = _obey(turn, application, command)
        if done is not None:
            return done
    if not _data_consent_given(turn, application):
        if read.refuses and not read.answers:
            applications.erase_draft(
                turn.session, application=application, by=turn.by, now=turn.now
            )
            turn.say(form_words.REFUSED_DATA)
            return Outcome.DROPPED
        if read.answers:
            # The notice asked to go on answering as agreement: this is it.
            _ledger(turn, application, "sensitive_data", "given")
    for name in read.forget:
        applications.forget_answer(
            turn.session, application=application, field=name, by=turn.by, now=turn.now
        )
    if read.clarify is not None and application.asked not in read.answers:
        _save(turn, application, _facts_of(read))
        applications.ask(application, application.asked, message_id=turn.message.id, now=turn.now)
        turn.say(read.clarify.text, choices=read.clarify.choices)
        return Outcome.ASKED_BACK
    if not read.answers and not read.forget:
        if (before := _as_before(turn, application.asked)) is None:
            return _nothing_read(turn, application, read)
        read.answers[application.asked] = before
    return _follow_up(turn, application, read.answers)


def _follow_up(turn: Turn, application: Application, answers: dict[str, Any]) -> Outcome:
    """Save answers and say what they call for."""
    if answers.get("guardian_consent") == "refused":
        application.paused = True
        turn.say(form_words.GUARDIAN_REFUSED)
        return Outcome.PAUSED
    confirmed = answers.pop("confirmation", None)
    if answers:
        _save(turn, application, answers)
    for field, purpose in (
        ("guardian_consent", "rehabilitation_guardian"),
        ("patient_consent", "rehabilitation_patient"),
    ):
        if answers.get(field) in ("given", "reported", "refused"):
            _ledger(turn, application, purpose, answers[field])
    if answers.get("patient_consent") == "refused":
        turn.say(form_words.PATIENT_REFUSED)
    if application_form.is_third_party(application.answers):
        return Outcome.ANSWERED
    if "patient_name" in answers and (case := _under_way(turn, answers["patient_name"])):
        application.paused = True
        known = form_words.ALREADY_UNDER_WAY
        turn.say(known.format(name=case.patient_name, number=case.receipt_number))
        return Outcome.PAUSED
    if _child_without_guardian(turn, application):
        application.paused = True
        turn.say(form_words.CHILD_NEEDS_GUARDIAN)
        return Outcome.PAUSED
    if confirmed == "yes" and application.asked == "confirmation" and not answers:
        return _submit(turn, application)
    if confirmed == "no" and not answers:
        turn.say(form_words.WHAT_IS_WRONG)
    return Outcome.ANSWERED


def _submit(turn: Turn, application: Application) -> Outcome:
    missing = application_form.next_field(application.answers, today=today_of(turn))
    assert missing == "confirmation", "only a complete form is confirmed"
    case = cases.submit_application(
        turn.session,
        application=application,
        summary=application_form.staff_summary(application.answers),
        by=turn.by,
        now=turn.now,
    )
    turn.say(
        family_words.submitted(
            case.receipt_number,
            case.patient_name,
            awaits_guardian=case.awaits_guardian,
            own=application.answers["relation"] == "self",
        )
    )
    return Outcome.SUBMITTED


def _obey(turn: Turn, application: Application, command: Command) -> Outcome | None:
    """Words that steer the form: stop, back, skip, again, cancel."""
    match command:
        case Command.PAUSE:
            application.paused = True
            turn.say(form_words.PAUSED)
            return Outcome.PAUSED
        case Command.CANCEL:
            drop(turn, application)
            return Outcome.DROPPED
        case Command.RESTART:
            applications.erase_draft(
                turn.session, application=application, by=turn.by, now=turn.now
            )
            start(turn)
            return Outcome.ANSWERED
        case Command.BACK:
            previous = _previous(application, today_of(turn))
            if previous is not None:
                applications.forget_answer(
                    turn.session,
                    application=application,
                    field=previous,
                    by=turn.by,
                    now=turn.now,
                )
            return Outcome.ANSWERED
        case Command.SKIP if application.asked in application_form.OPTIONAL:
            assert application.asked is not None
            _save(turn, application, {application.asked: None})
            return Outcome.ANSWERED
        case Command.SKIP:
            turn.say(form_words.NOT_OPTIONAL)
            return Outcome.PROBLEM
    return None


def _nothing_read(turn: Turn, application: Application, read: FormReading) -> Outcome:
    """Nothing was answered: something else was said, or it could not be read."""
    asked = application.asked
    assert asked is not None
    reasons = {problem.reason for problem in read.problems}
    if "question" in reasons or (reasons <= {"not_understood"} and is_something_else(turn)):
        return Outcome.NOT_AN_ANSWER
    if reasons & {"declined", "withheld"} and asked in application_form.OPTIONAL:
        _save(turn, application, {asked: None})
        return Outcome.ANSWERED
    application.misses += 1
    words = [
        form_words.PROBLEMS[p.reason] for p in read.problems if p.reason in form_words.PROBLEMS
    ]
    words.append(application_form.EXAMPLES[asked])
    turn.say("".join(dict.fromkeys(words)))
    if application.misses >= MISSES_BEFORE_PERSON:
        optional = asked in application_form.OPTIONAL
        turn.say(form_words.OFFER_PERSON + (form_words.OFFER_SKIP if optional else ""))
    return Outcome.PROBLEM


def _facts_of(read: FormReading) -> dict[str, Any]:
    """What can be kept at any time: no consent and no confirmation is given in passing."""
    decided = ("confirmation", "guardian_consent", "patient_consent")
    return {name: value for name, value in read.answers.items() if name not in decided}


def _as_before(turn: Turn, field: str) -> Any | None:
    """ "还是那个": what this contact answered to the same question for another patient."""
    if field not in SAME_FOR_ALL or not _SAME.search(turn.text):
        return None
    before = turn.session.scalar(
        select(Application.answers)
        .where(Application.contact_id == turn.contact.id, Application.state == "submitted")
        .order_by(Application.id.desc())
        .limit(1)
    )
    return (before or {}).get(field)


def _under_way(turn: Turn, name: str) -> Case | None:
    """An application of this contact for a patient of the same name, not yet closed."""
    for case in listing.cases_of_contact(turn.session, contact_id=turn.contact.id):
        if case.patient_name == name and case.stage not in CLOSED_STAGES:
            return case
    return None


def _data_consent_given(turn: Turn, application: Application) -> bool:
    given = turn.session.scalar(
        select(Consent.id)
        .where(Consent.application_id == application.id, Consent.purpose == "sensitive_data")
        .limit(1)
    )
    return given is not None


def is_something_else(turn: Turn) -> bool:
    """The message is a question or wish of another kind, not a failed answer."""
    return turn.intent not in FORM_WORDS and turn.confidence >= INTERRUPTION_CONFIDENCE


def _take_lead(turn: Turn, application: Application) -> Outcome:
    relation = str(application.answers.get("relation"))
    number = applications.take_lead(
        turn.session,
        source_key=turn.source,
        contact_id=turn.contact.id,
        reporter_relation=relation,
        description=turn.text,
        by=turn.by,
        now=turn.now,
    )
    applications.erase_draft(turn.session, application=application, by=turn.by, now=turn.now)
    turn.say(form_words.LEAD_TAKEN.format(number=number))
    return Outcome.SUBMITTED


def _save(turn: Turn, application: Application, answers: dict[str, Any]) -> None:
    if answers:
        applications.save_answers(
            turn.session, application=application, answers=answers, by=turn.by, now=turn.now
        )


def _ledger(turn: Turn, application: Application, purpose: str, state: str) -> None:
    applications.record_consent(
        turn.session,
        application=application,
        purpose=purpose,
        state=state,
        said_by=str(application.answers.get("relation", "unknown")),
        by=turn.by,
        now=turn.now,
    )


def _child_without_guardian(turn: Turn, application: Application) -> bool:
    answers = application.answers
    return (
        application_form.is_child(answers, today=today_of(turn))
        and answers.get("is_guardian", "yes") != "yes"
    )


def _previous(application: Application, today: date) -> str | None:
    """The field answered last, in the form's order."""
    answered = [field for field in application_form.FIELDS if field in application.answers]
    return answered[-1] if answered else None
