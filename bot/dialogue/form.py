"""The voluntary application in a conversation: reading answers, asking the next question.

The draft lives in the database and is the truth; Rasa's form and the degraded mode both lead
through it with `read_answer` and `ask_next`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from bot.casework import application_form, applications, cases, consent_texts, family_words
from bot.casework.answers import Command
from bot.casework.form_reading import FormReading, read_for_form
from bot.casework.models import Application, Case
from bot.casework.stages import OPEN_STAGES
from bot.clock import LOCAL
from bot.dialogue.turn import Turn
from bot.privacy.masking import KnownValue
from bot.privacy.models import Consent

MISSES_BEFORE_PERSON = 3

LEAD_DESCRIPTION = "lead_description"
INTERRUPTION_CONFIDENCE = 0.5
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
NOTHING_TO_WITHDRAW = "您这里没有正在办的申请，不用撤。"
NOTHING_TO_CORRECT = "您这里没有正在办的申请。想申请就回复“我要申请”。"
CORRECTION_TAKEN = "好的，已经转给社工改。改好以后有变化，我在这里告诉您。"
WHAT_IS_WRONG = "好的，哪里不对？直接说，比如“电话错了，是139……”“不是思明区，是湖里区”。"
NOT_OPTIONAL = "这一项社工办事要用到，不能空着。不方便说的话，回复“人工”。"
PROBLEMS = {
    "declined": NOT_OPTIONAL,
    "withheld": NOT_OPTIONAL,
    "which_relative": "是哪一位亲人要申请呢？",
    "which_side": "我没分清是谁照顾谁。",
    "nickname": "这像是小名，麻烦写身份证上的名字。",
    "whose_name": "我没分清哪个是患者的名字。",
    "several": "您说了不止一个，我不知道用哪个。",
    "implausible": "这个年份好像不太对。",
    "in_future": "这一年还没到呢。",
    "vague": "能说得再准一点吗？",
    "whose_age": "我没分清这是谁的年龄。",
    "zodiac_mismatch": "属相和年份对不上。",
    "identity_number_mistyped": "身份证号好像打错了一位；不用身份证号，说年龄就行。",
    "only_province": "省知道了，还要知道是哪个县或区。",
    "only_city": "市知道了，还要知道是哪个县或区。",
    "not_found": "这个地方我没找到。",
    "too_short": "号码少了几位。",
    "too_long": "号码多了几位。",
    "no_area_code": "座机请带上区号。",
    "not_a_number": "这里面没有看到电话号码。",
}
"""What is said about an answer that could not be taken, by reason."""
LEAD_TAKEN = (
    "记下了，编号 {number}，已经交给社工。社工会先问过本人和家里人；"
    "为了保护他们，后面的情况不能告诉您，请谅解。"
)


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
    """The contact's open draft."""
    return turn.session.scalar(
        select(Application).where(
            Application.contact_id == turn.contact.id, Application.state == "draft"
        )
    )


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
        field = application_form.next_field(application.answers, today=today_of(turn))
        turn.say(WELCOME_BACK.format(label=application_form.LABELS.get(field or "", "核对")))
        return
    application = applications.start_application(
        turn.session, contact_id=turn.contact.id, by=turn.by, now=turn.now
    )
    read = read_for_form(turn.text, asked=None, known={}, today=today_of(turn))
    _save(turn, application, _facts_of(read))
    if application_form.is_third_party(application.answers):
        return
    turn.say(OPENING + consent_texts.SENSITIVE_DATA + consent_texts.SENSITIVE_DATA_ASK)


def ask_next(turn: Turn, application: Application) -> None:
    """Ask the next question, unless this turn has asked something already."""
    message_id = turn.message.id
    if application.asked_in == message_id:
        return
    if application_form.is_third_party(application.answers):
        applications.ask(application, LEAD_DESCRIPTION, message_id=message_id, now=turn.now)
        turn.say(THIRD_PARTY_ASK)
        return
    today = today_of(turn)
    field = application_form.next_field(application.answers, today=today)
    if field is None:
        return
    asked = application_form.question(field, application.answers, today=today)
    applications.ask(application, field, message_id=message_id, now=turn.now)
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
    if read.command is not None:
        done = _obey(turn, application, read.command)
        if done is not None:
            return done
    if not _data_consent_given(turn, application):
        if read.refuses and not read.answers:
            applications.erase_draft(
                turn.session, application=application, by=turn.by, now=turn.now
            )
            turn.say(REFUSED_DATA)
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
        return _nothing_read(turn, application, read)
    return _follow_up(turn, application, read.answers)


def withdraw(turn: Turn) -> None:
    """Take an application back: a draft is deleted, a case is withdrawn."""
    application = application_of(turn)
    if application is not None:
        applications.erase_draft(turn.session, application=application, by=turn.by, now=turn.now)
        turn.say(DROPPED)
        return
    case = _open_case(turn)
    if case is None:
        turn.say(NOTHING_TO_WITHDRAW)
        return
    cases.withdraw(turn.session, case_id=case.id, by=turn.by, now=turn.now)
    turn.say(family_words.withdrawn(case.receipt_number))


def pass_on_correction(turn: Turn) -> None:
    """A correction after the application was handed over goes to the social worker."""
    case = _open_case(turn)
    if case is None:
        turn.say(NOTHING_TO_CORRECT)
        return
    if case.stage == "returned":
        cases.resubmit(turn.session, case_id=case.id, text=turn.text, by=turn.by, now=turn.now)
    else:
        cases.add_note(
            turn.session,
            case_id=case.id,
            note=f"家属更正：{turn.text}",
            by=turn.by,
            now=turn.now,
        )
    turn.say(CORRECTION_TAKEN)


def answers_returned_application(turn: Turn) -> bool:
    """The social worker asked for something, and these words ask for nothing else."""
    if _is_something_else(turn) or application_of(turn) is not None:
        return False
    case = _open_case(turn)
    return case is not None and case.stage == "returned"


def _follow_up(turn: Turn, application: Application, answers: dict[str, Any]) -> Outcome:
    """Save answers and say what they call for."""
    if answers.get("guardian_consent") == "refused":
        application.paused = True
        turn.say(GUARDIAN_REFUSED)
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
        turn.say(PATIENT_REFUSED)
    if application_form.is_third_party(application.answers):
        return Outcome.ANSWERED
    if _child_without_guardian(turn, application):
        application.paused = True
        turn.say(CHILD_NEEDS_GUARDIAN)
        return Outcome.PAUSED
    if confirmed == "yes" and application.asked == "confirmation" and not answers:
        return _submit(turn, application)
    if confirmed == "no":
        turn.say(WHAT_IS_WRONG)
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
            turn.say(PAUSED)
            return Outcome.PAUSED
        case Command.CANCEL:
            applications.erase_draft(
                turn.session, application=application, by=turn.by, now=turn.now
            )
            turn.say(DROPPED)
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
            turn.say(NOT_OPTIONAL)
            return Outcome.PROBLEM
    return None


def _nothing_read(turn: Turn, application: Application, read: FormReading) -> Outcome:
    """Nothing was answered: something else was said, or it could not be read."""
    asked = application.asked
    assert asked is not None
    reasons = {problem.reason for problem in read.problems}
    if "question" in reasons or (reasons <= {"not_understood"} and _is_something_else(turn)):
        return Outcome.NOT_AN_ANSWER
    if reasons & {"declined", "withheld"} and asked in application_form.OPTIONAL:
        _save(turn, application, {asked: None})
        return Outcome.ANSWERED
    application.misses += 1
    words = [PROBLEMS[p.reason] for p in read.problems if p.reason in PROBLEMS]
    words.append(application_form.EXAMPLES[asked])
    turn.say("".join(dict.fromkeys(words)))
    if application.misses >= MISSES_BEFORE_PERSON:
        turn.say(OFFER_PERSON)
    return Outcome.PROBLEM


def _facts_of(read: FormReading) -> dict[str, Any]:
    """What can be kept at any time: no consent and no confirmation is given in passing."""
    decided = ("confirmation", "guardian_consent", "patient_consent")
    return {name: value for name, value in read.answers.items() if name not in decided}


def _data_consent_given(turn: Turn, application: Application) -> bool:
    given = turn.session.scalar(
        select(Consent.id)
        .where(Consent.application_id == application.id, Consent.purpose == "sensitive_data")
        .limit(1)
    )
    return given is not None


def _is_something_else(turn: Turn) -> bool:
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
    turn.say(LEAD_TAKEN.format(number=number))
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


def _open_case(turn: Turn) -> Case | None:
    return turn.session.scalar(
        select(Case)
        .where(Case.contact_id == turn.contact.id, Case.stage.in_(OPEN_STAGES))
        .order_by(Case.id.desc())
        .limit(1)
    )
