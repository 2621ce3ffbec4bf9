"""Reminders in conversation: a plan is read, asked about, read back, and starts only on 对.

Nothing of the talk is stored apart: what is open follows from what was said. The messages since
the plan was first named are read together; where their reading asks exactly what the bot last
said, this message answers it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from bot.care import doses, people, plans, queries, wording
from bot.care.calendar import date_of
from bot.care.models import Patient
from bot.care.ordering import NotScheduled, order_of
from bot.care.reading import PlanReading, read, read_back
from bot.casework.errors import Conflict
from bot.casework.tickets import open_ticket
from bot.delivery.models import OutboxMessage
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.safety import medication

TOGETHER = 5
"""Messages that may tell one plan: the plan itself and the answers to what was asked."""
LONGEST_TALK = timedelta(hours=12)
WHOSE = "这是谁的药？回复“我自己”，或者怎么称呼，比如“妈妈”“儿子”。"
STARTED = "好，{whose}的提醒定好了。{when}到点我叫您。"
NEXT = "下一次是{moment}。"
NOT_STARTED = "好，先不定。哪里不对？把整句再说一遍，比如：奥氮平，睡前一片。"
NOT_KEPT = {
    "prn": "需要时才吃的药，我不定时叫，记得按医生说的吃就好。",
    "lunar": "农历的日子我怕算错，请告诉我是公历几月几号。",
    "past": "这个日子已经过去了，请再说一次是哪天。",
}
NOT_KEPT_OTHERWISE = "这个日子我还不会算，怕误事，没有定。已经告诉社工了。"
REFUSED_TO_STAFF = "我已经告诉社工，会跟您联系。"
CHANGE_TO_STAFF = (
    "改药量、换药，要医生说了才算。这话是哪位医生、什么时候说的，请告诉我；"
    "我已经转给社工核对，核对好之前还按原来的提醒。"
)
TAKEN = "好，记下了。"
TAKEN_AGAIN = "这次已经记过了。"
NOT_TAKEN = "记下了，没吃成。千万别自己补双份；该怎么办，问问医生或药师。已经告诉社工。"
SKIPPED = "记下了，这次没做。别自己补双份，拿不准就问医生或药师。"
UNDONE = "好，刚才记的不算了。"
LATER = "好，{moment}再叫您。"
NOTHING_DUE = "现在没有等着回话的提醒。"
NO_PLANS = "您这里还没有提醒。想定一个，直接说：奥氮平，睡前一片。"
PAUSED = "好，{whose}的提醒先停了。回来了说一声“接着提醒”。"
RESUMED = "好，{whose}的提醒接着发。"
CANCELLED = "好，取消了。药还是要按医生说的吃。"
WHICH_PLAN = "要取消哪一个？回复药名就行，比如“取消奥氮平的提醒”；全部都不要，回复“取消全部提醒”。"

_YES = re.compile(r"(?:对的?|是的?|好的?|可以|行|没错|嗯+|1|对对|开始吧?|就这样)[吧啊呀了,。!~ ]*")
_NO = re.compile(r"(?:不对|不是|错了?|不行|2|先不|算了)[的吧啊呀了,。!~ ]*")
_UNDO = re.compile(r"(?:按错|点错|说错|记错)了?|撤回(?:刚才的?)?|刚才(?:的)?(?:不算|错了)")
_SELF = re.compile(r"我自己|自己吃|本人|我的药|我吃|叫我吃|提醒我(?:自己)?吃|是我的?$")
_KIN = re.compile(
    r"妈妈|爸爸|爷爷|奶奶|外公|外婆|姥爷|姥姥|婆婆|公公|岳父|岳母|儿子|女儿|闺女|老公|老婆|爱人|老伴"
    r"|哥哥|弟弟|姐姐|妹妹|孩子|孙子|[妈爸哥弟姐妹娘爹]"
)
_FULL = {"妈": "妈妈", "娘": "妈妈", "爸": "爸爸", "爹": "爸爸", "哥": "哥哥", "弟": "弟弟"} | {
    "姐": "姐姐",
    "妹": "妹妹",
    "闺女": "女儿",
}
_MINUTES = (10, 30, 60)


def answers(turn: Turn) -> bool:
    """Take what answers the bot's question about a plan, or a reminder; True: the turn ends."""
    if not turn.text:
        return False
    return _answers_open_talk(turn) or _answers_reminder(turn) or _about_reminders(turn)


def is_plan(words: str) -> bool:
    """A whole plan, told in one breath: never the answer to another question."""
    found = _planned(words)
    return found is not None and not any(plan.needs for plan in found)


def _about_reminders(turn: Turn) -> bool:
    """提醒先停一停 is about reminders, and no wish to stop the medicine."""
    concern = medication.check(turn.text)
    if concern is not None and concern.kind == "deceased":
        return False  # condolences come first, and everything stops
    found = read(turn.text) if re.search("提醒|闹钟", turn.text) else []
    ops = {plan.op for plan in found}
    mine = not any(plan.refuse for plan in found)
    return bool(ops) and mine and ops <= set(_ORDERS) and orders(turn)


# --- a plan, from its first word to its start ------------------------------------------------


def _answers_open_talk(turn: Turn) -> bool:
    told = _open_talk(turn)
    if told is None:
        return False
    words = turn.text.strip()
    found = _planned(told)
    ready = found is not None and _question(turn, told, found) == read_back(found)
    if ready and _YES.fullmatch(words):
        _start(turn, told, found or [])
        return True
    if _NO.fullmatch(words):
        turn.say(NOT_STARTED)
        return True
    fresh = _planned(words)
    if fresh and not any(plan.needs for plan in fresh):
        _say_back(turn, words, fresh)
        return True
    together = f"{told},{words}"
    again = _planned(together)
    if again is None or _question(turn, together, again) == _question(turn, told, found or []):
        return False  # about something else
    _say_back(turn, together, again)
    return True


def _open_talk(turn: Turn) -> str | None:
    """The words so far of a plan about which the bot's last reply asked; None: no such talk."""
    earlier = turn.session.scalars(
        select(InboxMessage)
        .where(
            InboxMessage.contact_id == turn.contact.id,
            InboxMessage.id < turn.message.id,
            InboxMessage.kind.in_(("text", "voice")),
            InboxMessage.received_at > turn.now - LONGEST_TALK,
        )
        .order_by(InboxMessage.id.desc())
        .limit(TOGETHER)
    ).all()
    if not earlier:
        return None
    said = turn.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.in_reply_to == earlier[0].id)
        .order_by(OutboxMessage.seq.desc())
        .limit(1)
    )
    newest = turn.session.scalar(
        select(func.max(OutboxMessage.id)).where(OutboxMessage.contact_id == turn.contact.id)
    )
    if said is None or said.id != newest:
        return None
    told = ""
    for message in earlier:
        told = f"{message.words},{told}".rstrip(",")
        found = _planned(told)
        if found is not None and _question(turn, told, found) == said.body.get("text"):
            return told
    return None


def _planned(words: str) -> list[PlanReading] | None:
    """New plans that these words tell, and nothing beside them; None for any other words."""
    found = read(words)
    if not found or any(plan.op != "set" or plan.refuse for plan in found):
        return None
    return found


def _question(turn: Turn, told: str, found: Sequence[PlanReading]) -> str:
    """What the bot says to these words: what is missing, else whose it is, else the whole plan."""
    if not any(plan.needs for plan in found) and _called(turn, told) is None:
        return WHOSE
    return read_back(found)


def _say_back(turn: Turn, told: str, found: Sequence[PlanReading]) -> None:
    turn.say(_question(turn, told, found))


def _called(turn: Turn, told: str) -> str | None:
    """Whose plan: "" for their own, a name for one cared for, None where it must be asked."""
    if kin := _KIN.search(told):
        return _FULL.get(kin[0], kin[0])
    if _SELF.search(told):
        return ""
    known = people.patients_of(turn.session, contact_id=turn.contact.id)
    if len(known) != 1:
        return None
    return "" if known[0].contact_id == turn.contact.id else known[0].called


def _patient(turn: Turn, called: str) -> Patient:
    if called:
        return people.patient_called(
            turn.session, contact_id=turn.contact.id, called=called, by=turn.by, now=turn.now
        )
    return people.patient_of_contact(
        turn.session, contact_id=turn.contact.id, by=turn.by, now=turn.now
    )


def _whose(turn: Turn, patient: Patient) -> str:
    return "您" if patient.contact_id == turn.contact.id else patient.called


def _start(turn: Turn, told: str, found: Sequence[PlanReading]) -> None:
    patient = _patient(turn, _called(turn, told) or "")
    habits = people.habits_of(patient)
    moments = []
    kept = False
    for number, reading in enumerate(found):
        try:
            order = order_of(reading, habits=habits, now=turn.now)
        except NotScheduled as reason:
            if reason.why not in NOT_KEPT:
                _ticket(turn)
            turn.say(NOT_KEPT.get(reason.why, NOT_KEPT_OTHERWISE))
            continue
        try:
            begun = plans.set_plan(
                turn.session,
                patient_id=patient.id,
                order=order,
                source_key=f"{turn.source}:plan:{number}",
                by=turn.by,
                now=turn.now,
            )
        except Conflict as reason:
            turn.say(str(reason))
            return
        kept = True
        if begun.next_due is not None:
            moments.append(begun.next_due)
    if kept:
        when = ""
        if moments:
            when = NEXT.format(moment=wording.when(min(moments), habits, now=turn.now))
        turn.say(STARTED.format(whose=_whose(turn, patient), when=when))


# --- answers to a reminder -------------------------------------------------------------------


def _answers_reminder(turn: Turn) -> bool:
    words = turn.text.strip()
    due = queries.open_doses(turn.session, contact_id=turn.contact.id, now=turn.now)
    if due and words in ("1", "2", "3"):
        words = wording.CHOICES[int(words) - 1]
    if due and words in wording.CHOICES:
        ids = [dose.id for dose in due if dose.due_at == due[0].due_at]
        if words == wording.CHOICES[1]:
            _snooze(turn, ids, 30)
        else:
            _note(turn, ids, "taken" if words == wording.CHOICES[0] else "skipped")
        return True
    if _UNDO.fullmatch(words):
        return _undo(turn)
    found = read(words)
    if not found or any(plan.op not in _ANSWERS or plan.kind != "medication" for plan in found):
        return False
    done = False
    for plan in found:
        ids = _doses_meant(turn, plan)
        if not ids:
            continue
        done = True
        if plan.op == "snooze":
            _snooze(turn, ids, _minutes(plan))
        elif plan.op == "checkin_taken":
            _note(turn, ids, "taken")
        else:
            _note(turn, ids, _why_missed(words))
    return done


_ANSWERS = ("checkin_taken", "checkin_missed", "snooze")


def _doses_meant(turn: Turn, plan: PlanReading) -> list[int]:
    """Open doses of the latest moment; those of the time or day that the words name instead."""
    if not plan.times and plan.day is None:
        due = queries.open_doses(turn.session, contact_id=turn.contact.id, now=turn.now)
        if due:
            return [dose.id for dose in due if dose.due_at == due[0].due_at]
    elif plan.op == "snooze":
        due = queries.open_doses(turn.session, contact_id=turn.contact.id, now=turn.now)
        return [dose.id for dose in due]
    found: list[int] = []
    back = int(plan.day[1:-1]) if plan.day else 0
    for patient in people.patients_of(turn.session, contact_id=turn.contact.id):
        day = people.habits_of(patient).day_of(turn.now) - timedelta(back)
        past = queries.doses_between(turn.session, patient_id=patient.id, first=day, last=day)
        for dose in past:
            named = not plan.times or _names(plan.times, dose.slot)
            if dose.dose_id is not None and named and (plan.times or back):
                found.append(dose.dose_id)
    return found


def _names(times: Sequence[str], slot: str) -> bool:
    """早上的 is said of a dose after breakfast too."""
    near = {
        "morning": "breakfast",
        "noon": "lunch",
        "evening": "dinner",
        "bedtime": "bedtime",
    }
    return any(slot == time or near.get(time, "-") in slot for time in times)


def _minutes(plan: PlanReading) -> int:
    if not plan.times or not plan.times[0].startswith("+"):
        return 30
    asked = int(plan.times[0][1:-1])
    return min(_MINUTES, key=lambda minutes: abs(minutes - asked))


def _why_missed(words: str) -> str:
    if "吐" in words:
        return "vomited"
    return "refused" if re.search(r"不(?:肯|愿|想|吃|张|要)|拒", words) else "skipped"


def _note(turn: Turn, ids: list[int], outcome: str) -> None:
    noted = doses.check_in(turn.session, dose_ids=ids, outcome=outcome, by=turn.by, now=turn.now)
    if outcome == "taken":
        turn.say(TAKEN_AGAIN if noted.again else TAKEN)
    else:
        turn.say(SKIPPED if outcome == "skipped" else NOT_TAKEN)


def _snooze(turn: Turn, ids: list[int], minutes: int) -> None:
    try:
        until = doses.snooze(turn.session, dose_ids=ids, minutes=minutes, by=turn.by, now=turn.now)
    except Conflict as reason:
        turn.say(str(reason))
        return
    known = people.patients_of(turn.session, contact_id=turn.contact.id)
    turn.say(LATER.format(moment=wording.when(until, people.habits_of(known[0]), now=turn.now)))


def _undo(turn: Turn) -> bool:
    for patient in people.patients_of(turn.session, contact_id=turn.contact.id):
        today = queries.today(turn.session, patient_id=patient.id, now=turn.now)
        said = [dose for dose in today if dose.dose_id is not None and dose.outcome is not None]
        if said:
            last = said[-1].due_at
            ids = [d.dose_id for d in said if d.due_at == last and d.dose_id is not None]
            doses.undo(turn.session, dose_ids=ids, by=turn.by, now=turn.now)
            turn.say(UNDONE)
            return True
    return False


# --- orders ----------------------------------------------------------------------------------


def orders(turn: Turn) -> bool:
    """Take a new plan, or what is wanted of those there are; True when the turn ends here.

    A wish to take less, more or none is never carried out, and a person hears of it.
    """
    found = read(turn.text)
    if not found:
        return False
    if any(plan.refuse for plan in found):
        _ticket(turn)
        turn.say(read_back(found))
        turn.say(REFUSED_TO_STAFF)
        return True
    if all(plan.op == "set" for plan in found):
        _say_back(turn, turn.text, found)
        return True
    known = people.patients_of(turn.session, contact_id=turn.contact.id)
    if any(plan.op == "change" for plan in found):
        _ticket(turn)
        turn.say(CHANGE_TO_STAFF)
        return True
    op, *others = dict.fromkeys(plan.op for plan in found)
    if others or op not in ("query", "pause", "resume", "cancel") or not known:
        return False
    mine = [patient for patient in known if patient.called in turn.text] or known
    if len(mine) > 1 and op != "query":
        turn.say(WHOSE)
        return True
    _ORDERS[op](turn, mine, found[0])
    return True


def _query(turn: Turn, patients: Sequence[Patient], plan: PlanReading) -> None:
    lines: list[str] = []
    for patient in patients:
        for dose in queries.today(turn.session, patient_id=patient.id, now=turn.now):
            clock = wording.when(dose.due_at, people.habits_of(patient), now=turn.now)
            amount = dose.amount or ""
            lines.append(
                f"{_whose(turn, patient)}{clock} {dose.name}{amount}：{_STATES[dose.state]}"
            )
    turn.say("\n".join(lines) if lines else NO_PLANS)


_STATES = {
    "coming": "还没到",
    "due": "该做了",
    "sent": "还没回话",
    "snoozed": "等会儿再叫",
    "taken": "做好了",
    "missed": "没回话",
    "skipped": "这次没做",
}


def _pause(turn: Turn, patients: Sequence[Patient], plan: PlanReading) -> None:
    habits = people.habits_of(patients[0])
    until = date_of(plan.until, today=habits.day_of(turn.now)) if plan.until else None
    plans.pause_plans(
        turn.session, patient_id=patients[0].id, by=turn.by, now=turn.now, resume_on=until
    )
    turn.say(PAUSED.format(whose=_whose(turn, patients[0])))


def _resume(turn: Turn, patients: Sequence[Patient], plan: PlanReading) -> None:
    plans.resume_plans(turn.session, patient_id=patients[0].id, by=turn.by, now=turn.now)
    turn.say(RESUMED.format(whose=_whose(turn, patients[0])))


def _cancel(turn: Turn, patients: Sequence[Patient], plan: PlanReading) -> None:
    views = queries.plans_of(turn.session, patient_id=patients[0].id)
    every = re.search(r"全部|所有|都", turn.text) is not None
    meant = [v for v in views if every or (plan.drug and v.content.drug == plan.drug)]
    if plan.drug is None and plan.times:
        meant = []  # one time of several is a change, not an end
    elif not meant and len(views) == 1 and plan.drug is None:
        meant = views
    if not meant:
        turn.say(WHICH_PLAN)
        return
    for view in meant:
        plans.cancel_plan(turn.session, plan_id=view.plan.id, by=turn.by, now=turn.now)
    turn.say(CANCELLED)


_ORDERS = {"query": _query, "pause": _pause, "resume": _resume, "cancel": _cancel}


def stop_for_death(turn: Turn) -> None:
    """The patient has died: every reminder stops at once, without a question.

    Nobody reports their own death: with several patients their own reminders go on.
    """
    known = people.patients_of(turn.session, contact_id=turn.contact.id)
    others = [patient for patient in known if patient.contact_id != turn.contact.id]
    named = [patient for patient in others if patient.called in turn.text]
    for patient in named or others or known:
        if patient.stopped_at is None:
            plans.stop_everything(
                turn.session, patient_id=patient.id, why="death", by=turn.by, now=turn.now
            )


def _ticket(turn: Turn) -> None:
    open_ticket(
        turn.session,
        source_key=f"{turn.source}:medication",
        kind="medication",
        urgency="soon",
        summary=turn.text,
        by=turn.by,
        now=turn.now,
        contact_id=turn.contact.id,
    )
