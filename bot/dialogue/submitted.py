"""Applications that were handed over: where they stand, corrected, taken back.

A contact may care for several patients. Where a message does not say which of them it is about,
the family is asked, with numbers; each choice says the whole wish again, so that a number, a
name and "老二" are all an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.casework import assessments, cases, family_words, listing
from bot.casework.errors import Refused
from bot.casework.models import Application, Case
from bot.casework.stages import AT_INSTITUTION, CLOSED_STAGES, STEPS
from bot.delivery.models import OutboxMessage
from bot.dialogue import form
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.dialogue.whose import Person, meant

_OBJECTS = re.compile("我?(?:们|家)?(?:有异议|不服|不同意这个(?:结果|决定))")
SHOWN_AT_MOST = 5
LONGEST_CHOICE = 20
SPOKEN_OF = 12
"""Messages of the account that are looked through for whom was spoken of last."""
ASKED_BEFORE = timedelta(hours=24)
NOTHING_THERE = "您这里还没有申请。想申请就回复“我要申请”。"
NOTHING_TO_WITHDRAW = "您这里没有正在办的申请，不用撤。"
NOTHING_TO_CORRECT = "您这里没有正在办的申请。想申请就回复“我要申请”。"
CORRECTION_TAKEN = "好的，{name}的申请已经转给社工改。改好了，我在这里告诉您。"
WHOSE_TO_WITHDRAW = "要撤回哪一份？"
WHOSE_TO_CORRECT = "要改哪一位的申请？"
WITHDRAW = "撤回{name}的申请"
WITHDRAW_DRAFT = "撤回没填完的申请"
SERVICE_ENDS_TOO = "撤回以后，机构给{name}的服务也停了，位置不再留着。真的要撤回吗？"
WARNING_ENDS = 10
"""Characters at its end by which the warning is known, whoever it names."""
STAYS = "不撤了"
STAYING = "好的，一切照旧。"
CORRECT = "{name}的申请写错了"
AWAITS_GUARDIAN = "还缺监护人的同意，社工会和监护人联系。"
NOT_FINISHED = "还有一份申请没填完，回复“继续”接着填。"


@dataclass(frozen=True)
class Handed:
    """One application that staff have, and whom it is for."""

    case: Case
    person: Person


def handed_over(turn: Turn) -> list[Handed]:
    """The contact's applications that are still being worked on, the eldest patient first."""
    rows = [
        (case, turn.session.get_one(Application, case.application_id).answers)
        for case in listing.cases_of_contact(turn.session, contact_id=turn.contact.id)
        if case.stage not in CLOSED_STAGES
    ]
    rows.sort(key=lambda row: (row[1].get("birth_year") or 9999, row[0].id))
    return [
        Handed(case, Person(case.patient_name, str(answers.get("patient_term") or "")))
        for case, answers in rows
    ]


def status(turn: Turn) -> None:
    """Where the applications stand, from the cases themselves; of one, where one is named."""
    handed = handed_over(turn)
    shown = [one.case for one in handed]
    one = _meant(turn, handed) if len(handed) > 1 else None
    if one is not None:
        shown = [one.case]
    elif not handed:
        # What was taken back is the last that is known of it.
        shown = listing.cases_of_contact(turn.session, contact_id=turn.contact.id)[:1]
    unfinished = form.application_of(turn)
    if not shown and unfinished is None:
        turn.say(NOTHING_THERE)
        return
    for case in shown[:SHOWN_AT_MOST]:
        turn.say(where_it_stands(case))
    if unfinished is not None and one is None:
        turn.say(NOT_FINISHED)


def where_it_stands(case: Case) -> str:
    lines = [
        f"{case.patient_name}的申请（{case.receipt_number}）",
        family_words.STAGE_WORDS[case.stage],
    ]
    if case.awaits_guardian and case.stage not in CLOSED_STAGES:
        lines.append(AWAITS_GUARDIAN)
    return "\n".join(lines)


def withdraw(turn: Turn) -> None:
    """Take an application back: a draft is deleted, a case is withdrawn.

    Where an institution has the patient already, the family is asked once more.
    """
    draft = form.application_of(turn)
    handed = [one for one in handed_over(turn) if one.case.stage in STEPS["withdraw"].sources]
    one = _meant(turn, handed)
    if draft is not None and (not handed or turn.text == WITHDRAW_DRAFT):
        form.drop(turn, draft)
    elif not handed:
        turn.say(NOTHING_TO_WITHDRAW)
    elif one is None and (len(handed) > 1 or draft is not None):
        choices = [WITHDRAW.format(name=each.person.name) for each in handed]
        if draft is not None:
            choices.append(WITHDRAW_DRAFT)
        turn.say(WHOSE_TO_WITHDRAW, choices=tuple(choices))
    else:
        _withdraw(turn, one or handed[0])


def _withdraw(turn: Turn, one: Handed) -> None:
    warning = SERVICE_ENDS_TOO.format(name=one.person.name)
    if one.case.stage in AT_INSTITUTION and _asked_last(turn) != warning:
        turn.say(warning, choices=(WITHDRAW.format(name=one.person.name), STAYS))
        return
    cases.withdraw(
        turn.session,
        case_id=one.case.id,
        by=turn.by,
        now=turn.now,
        contact_id=turn.contact.id,
    )
    turn.say(family_words.withdrawn(one.case.receipt_number))


def pass_on_correction(turn: Turn) -> None:
    """A correction after the application was handed over goes to the social worker."""
    handed = handed_over(turn)
    if not handed:
        turn.say(NOTHING_TO_CORRECT)
        return
    returned = [one for one in handed if one.case.stage == "returned"]
    candidates = returned or handed
    one = _meant(turn, candidates) or (candidates[0] if len(candidates) == 1 else None)
    if one is None:
        turn.say(
            WHOSE_TO_CORRECT,
            choices=tuple(CORRECT.format(name=each.person.name) for each in candidates),
        )
        return
    words = turn.text
    if _asked_last(turn) == WHOSE_TO_CORRECT:
        words = _said_before(turn) or words  # this message only says whose; that one, what
    if one.case.stage == "returned":
        cases.resubmit(turn.session, case_id=one.case.id, text=words, by=turn.by, now=turn.now)
    else:
        note = f"家属更正：{words}"
        cases.add_note(turn.session, case_id=one.case.id, note=note, by=turn.by, now=turn.now)
    turn.say(CORRECTION_TAKEN.format(name=one.person.name))


def is_asked_for_more(turn: Turn) -> bool:
    """The social worker has given an application back and waits for words of the family."""
    return form.application_of(turn) is None and any(
        one.case.stage == "returned" for one in handed_over(turn)
    )


def answers_returned_application(turn: Turn) -> bool:
    """The social worker asked for something, and these words ask for nothing else."""
    return is_asked_for_more(turn) and not form.is_something_else(turn)


def chosen(turn: Turn) -> bool:
    """Settle the choice between several applications, without understanding.

    True when the turn ends with it. A number has become the words of its choice before; here
    also a name and "老二" are taken, right after the question.
    """
    if len(turn.text) > LONGEST_CHOICE:
        return False
    question = _asked_last(turn)
    warned = question.endswith(SERVICE_ENDS_TOO[-WARNING_ENDS:])
    if warned and turn.text == STAYS:
        turn.say(STAYING)
        return True
    if question == WHOSE_TO_CORRECT:
        settle = pass_on_correction
    elif question == WHOSE_TO_WITHDRAW or warned:
        settle = withdraw
    else:
        return False
    if turn.text == WITHDRAW_DRAFT or _meant(turn, handed_over(turn)) is not None:
        settle(turn)
        return True
    return False


def objects(turn: Turn) -> bool:
    """ "我有异议": the family does not accept a refusal; True when the turn ends with it."""
    if not _OBJECTS.match(turn.text):
        return False
    of_contact = listing.cases_of_contact(turn.session, contact_id=turn.contact.id)
    refused = [case for case in of_contact if case.stage == "refused"]
    if not refused:
        return False
    try:
        assessments.object_to_refusal(
            turn.session, case_id=refused[0].id, text=turn.text, by=turn.by, now=turn.now
        )
    except Refused as too_late:
        turn.say(str(too_late))
    return True


def _meant(turn: Turn, handed: Sequence[Handed]) -> Handed | None:
    people = [one.person for one in handed]
    person = meant(turn.text, people, last=_spoken_of(turn, people))
    return next((one for one in handed if one.person == person), None)


def _spoken_of(turn: Turn, people: Sequence[Person]) -> Person | None:
    """Whom the account named last, alone, in this conversation."""
    if len(people) < 2:
        return None
    bodies = turn.session.scalars(
        select(OutboxMessage.body)
        .where(
            OutboxMessage.contact_id == turn.contact.id,
            OutboxMessage.created_at > turn.now - ASKED_BEFORE,
        )
        .order_by(OutboxMessage.id.desc())
        .limit(SPOKEN_OF)
    )
    for body in bodies:
        named = [person for person in people if person.name in body["text"]]
        if len(named) == 1:
            return named[0]
    return None


def _asked_last(turn: Turn) -> str:
    """The last thing that was said to the contact."""
    return str(turn.said_last().get("text", ""))


def _said_before(turn: Turn) -> str:
    """The words of the message before this one: what was to be corrected."""
    message = turn.session.scalar(
        select(InboxMessage)
        .where(
            InboxMessage.contact_id == turn.contact.id,
            InboxMessage.id < turn.message.id,
            InboxMessage.received_at > turn.now - ASKED_BEFORE,
        )
        .order_by(InboxMessage.id.desc())
        .limit(1)
    )
    return message.words if message is not None else ""
