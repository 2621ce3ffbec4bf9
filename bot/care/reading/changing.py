"""Orders about plans that exist: stop, cancel, change; and whose decision it is.

A change of dose is the doctor's. What the family wishes on its own (less, more, rarer, none) is
read, marked `refuse`, and never carried out.
"""

from __future__ import annotations

import itertools
import re

from bot.care.reading import cues
from bot.care.reading.asides import about, day_word
from bot.care.reading.build import Built
from bot.care.reading.doses import amounts_of
from bot.care.reading.plan import PlanReading
from bot.care.reading.plans import built_plans, finish, set_plans
from bot.care.reading.times import read_times
from bot.care.reading.tokens import AMOUNTS, DAYS, SLOTS, T, Token
from bot.care.reading.whose import adjusts_alone, by_doctor, is_gradual, wished

_NEWS = SLOTS | AMOUNTS | DAYS | {T.DRUG, T.FREQ}
_CLAUSES = re.compile(r"[^,。;\n!?]+")


def stops_medicine(chars: str, tokens: list[Token]) -> bool:
    """A wish or a statement that medicine is no longer taken, as against a reminder no longer sent."""
    if _replaced(tokens, chars) or any(token.kind is T.PRN for token in tokens):
        return False
    if any(token.value.startswith("cycle:") for token in tokens):
        return False
    if not wished(chars):
        return False
    return any(
        _stops(match[0], [t for t in tokens if match.start() <= t.start < match.end()], chars)
        for match in _CLAUSES.finditer(chars)
    )


def _stops(clause: str, tokens: list[Token], chars: str) -> bool:
    hit = cues.STOP.search(clause)
    if hit is None:
        return False
    named = any(token.kind is T.DRUG for token in tokens)
    medicine = named or re.search(r"药|针(?!的?提醒)|吃|服|喂|片|粒|颗", clause) is not None
    if re.search(r"提醒|闹钟|闹铃|叫我|喊|催", clause) and not re.search(
        r"药(?!的?提醒)|吃了|不吃", clause
    ):
        return False
    if re.search(r"住院|出差|旅游", chars) and not re.search(r"药|吃|服", clause):
        return False
    if re.search(r"到[^,。]{1,6}(?:就|再|才)?停", clause):
        return False  # 吃到月底就停 is the end of a plan
    if not hit[0].startswith("停"):
        return medicine or "打" not in hit[0] or "针" in chars
    elsewhere = any(token.kind is T.DRUG for token in tokens) or re.search(r"药|针", chars)
    own = re.search(
        r"(?:自己|想|给[他她我]|让|叫|说|把|先|能|可以|[他她]|孩子)[^,。]{0,6}停", clause
    )
    return medicine or bool(elsewhere) or (own is not None and "提醒" not in chars)


def stop(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """The end of a medicine, or of some of its times; refused unless it is the doctor's word."""
    return _ended(chars, tokens, cues.STOP, refuse=not by_doctor(chars))


def is_cancel(chars: str, tokens: list[Token]) -> bool:
    """True for reminders no longer wanted; 取消申请 is about something else."""
    if cues.CANCEL.search(chars) is None:
        return False
    if {T.PRN, T.DOSE} <= {token.kind for token in tokens}:
        return False  # 难受了吃半片,不用天天提醒
    if cues.NOT_A_REMINDER.search(chars) and not re.search(r"提醒|闹钟", chars):
        return False
    pointed = any(token.kind in SLOTS | {T.DRUG, T.SUBJECT} for token in tokens)
    if not re.search(r"提醒|闹钟|取消|删|退订", chars):
        # A door is closed too: 下午四点就关了.
        pointed = any(token.kind in (T.DRUG, T.SUBJECT) for token in tokens)
    whole = re.fullmatch(
        r"(?:请|我要|帮我|给我|麻烦|要)?(?:取消|退订|td|关了?|关掉|删掉|删除|停止|t)(?:吧|了|掉|谢谢|一下)*",
        chars.strip(" ,。!?"),
    )
    return pointed or whole is not None or cues.CANCEL_OBJECT.search(chars) is not None


def cancel(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """Reminders no longer wanted."""
    return _ended(chars, tokens, cues.CANCEL, refuse=False)


def _ended(
    chars: str, tokens: list[Token], cue: re.Pattern[str], *, refuse: bool
) -> list[PlanReading]:
    """What ends, in the clauses of `cue`; clauses beside them may keep, set or change something."""
    ended: list[Token] = []
    beside: list[Token] = []
    others: list[tuple[int, int]] = []
    place = 0
    for match in _CLAUSES.finditer(chars):
        own = [token for token in tokens if match.start() <= token.start < match.end()]
        if cue.search(match[0]):
            place = place or match.start() + 1
            ended += own
        elif cues.KEEP.search(match[0]):
            continue
        elif any(token.kind in AMOUNTS or token.kind is T.CHANGE for token in own):
            others.append(match.span())
        else:
            beside += own
    if any(token.kind is T.DRUG for token in tokens) and by_doctor(chars):
        # 复查说停药了: the visit is only where it was said.
        beside = [t for t in beside if t.kind is not T.SUBJECT]
        ended = [t for t in ended if t.kind is not T.SUBJECT]
    if cue is not cues.STOP:
        ended = beside + ended
    elif not any(token.kind is T.DRUG for token in ended):
        # 利培酮,医生说不用吃了: the name may stand in another clause, but a reason names no time.
        spoken = "药" in "".join(m[0] for m in _CLAUSES.finditer(chars) if cue.search(m[0]))
        ended += [] if spoken else [t for t in beside if t.kind in (T.DRUG, T.SUBJECT)]
    plan = _ending(chars, ended, refuse)
    plans = [(place, plan)]
    for start, end in others:
        part = [token for token in tokens if start <= token.start < end]
        rest = " " * start + chars[start:end]
        found = change(rest, part) if is_change(rest, part) else set_plans(rest, part)
        plans += [(start + 1, other) for other in found]
    return [plan for _, plan in sorted(plans, key=lambda item: item[0])]


def _ending(chars: str, tokens: list[Token], refuse: bool) -> PlanReading:
    plan = about("cancel", chars, tokens)
    plan.refuse = refuse
    timing = read_times([token for token in tokens if token.kind in SLOTS], chars)
    plan.times = list(dict.fromkeys(point.key for point in timing.points if point.key))
    if any(point.ambiguous for point in timing.points) and not refuse:
        plan.ask("am_pm")
    weekdays = [t for t in tokens if t.kind is T.WEEKDAY and t.value in ("every", "")]
    spaced = [t for t in tokens if t.kind is T.EVERY and t.value != "daily"]
    if weekdays:
        plan.repeat = "weekly:" + ",".join(weekdays[0].items)
    elif spaced:
        plan.repeat = spaced[0].value
    return plan


def is_change(chars: str, tokens: list[Token]) -> bool:
    """True for another dose, time, day or medicine in the place of what is set up."""
    if cues.NOT_A_REMINDER.search(chars) and not re.search(r"提醒|药", chars):
        return False
    dosing = (
        any(token.kind in _NEWS | {T.SUBJECT} for token in tokens)
        or re.search(r"药|量|吃|提醒|时间|片|粒|减点|减一点|少点|给[他她孩][^,]{0,3}[减加]", chars)
        is not None
    )
    if dosing and adjusts_alone(chars, tokens) and wished(chars):
        return True
    if cues.CHANGE.search(chars) is None or not dosing:
        return False
    if cues.QUESTION.search(chars) and not cues.REQUEST.search(chars) and not _says_new(tokens):
        return False
    if _adds_medicine(chars, tokens) or is_gradual(tokens):
        return False
    return (
        _says_new(tokens) or re.search(r"提醒|时间|药量|剂量|用量|吃药|改一下", chars) is not None
    )


def _says_new(tokens: list[Token]) -> bool:
    return any(token.kind in _NEWS for token in tokens)


def _adds_medicine(chars: str, tokens: list[Token]) -> bool:
    """医生加了苯海索,早晚各一片 is a new plan, not a change of an old one."""
    added = re.search(r"(?:加|添|新开|又开)了?(?:一种|个|一样)?(?:药)?[,:]?", chars)
    if added is None or any(token.kind is T.CHANGE for token in tokens):
        return False
    named = [token for token in tokens if token.kind is T.DRUG]
    return bool(named) and added.end() <= named[0].start and len(named) == 1


def change(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """What is to be different; what replaces something names it in `was`."""
    alone = adjusts_alone(chars, tokens)
    if alone:
        tokens = _without_reasons(chars, tokens)
    plans = _changed_plans(chars, tokens)
    if alone:
        for plan in plans:
            plan.refuse = True
            plan.needs = []
            if not any(token.kind is T.CHANGE for token in tokens):
                plan.dose, plan.dose_by_time = None, {}
    return plans


def _changed_plans(chars: str, tokens: list[Token]) -> list[PlanReading]:
    replaced = _replaced(tokens, chars)
    kept_as_is = unchanged(chars, tokens)
    kept, was = _new_part([t for t in tokens if t not in replaced and t not in kept_as_is])
    read = built_plans(chars, kept)
    built = _without_occasion(read)
    occasion = [
        token
        for one in read
        if one not in built
        for token in one.used
        if token.kind not in AMOUNTS | SLOTS | {T.DRUG}
    ]
    for one in built:
        one.plan.op = "change"
        _changed(one, was, replaced, chars)
    return finish(built, kept, {id(token) for token in (*was, *replaced, *occasion)})


def unchanged(chars: str, tokens: list[Token]) -> list[Token]:
    """早上不变 and 晚上的照旧 keep what is there."""
    kept: list[Token] = []
    for match in _CLAUSES.finditer(chars):
        own = [token for token in tokens if match.start() <= token.start < match.end()]
        if cues.KEEP.search(match[0]) and not any(token.kind is T.CHANGE for token in own):
            kept += own
    return kept


def _without_reasons(chars: str, tokens: list[Token]) -> list[Token]:
    """晚上睡不着,想多吃一片: the evening is part of the reason and not of the wish."""
    kept: list[Token] = []
    for match in _CLAUSES.finditer(chars):
        wish = _turns(match[0])
        own = [token for token in tokens if match.start() <= token.start < match.end()]
        kept += [token for token in own if wish or token.kind is T.DRUG]
    return kept


def _turns(clause: str) -> bool:
    cues_of_change = (cues.LESS, cues.RARER, cues.MORE, cues.CHANGE)
    return any(cue.search(clause) for cue in cues_of_change)


def _without_occasion(built: list[Built]) -> list[Built]:
    """今天复诊医生把德巴金加到两片: the visit is only where the change was made."""
    medicines = [one for one in built if one.plan.kind == "medication" and not one.empty]
    turned = [one for one in built if any(t.kind is T.CHANGE for t in one.segment.tokens)]
    if medicines and all(one in medicines for one in turned):
        return medicines
    return built


def _replaced(tokens: list[Token], chars: str) -> list[Token]:
    """利培酮换成阿立哌唑: the medicine before the word is the one given up."""
    drugs = [token for token in tokens if token.kind is T.DRUG]
    for old, new in itertools.pairwise(drugs):
        between = tokens[tokens.index(old) + 1 : tokens.index(new)]
        if any(token.kind in AMOUNTS | SLOTS for token in between):
            continue
        gap = chars[old.end : new.start]
        if re.search(r"(?:换|改)(?:成|为|到|吃|用|了|服)*(?:点)?$", gap):
            return [old]
    return []


def _new_part(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Tokens of the new plan, and those of the old one that they replace.

    早上8点的改到9点: 8 is given up for 9, and 早上 stays. With several 改成 each clause carries
    its own time and nothing is given up.
    """
    changes = [token for token in tokens if token.kind is T.CHANGE]
    if len(changes) != 1:
        return tokens, []
    turn = changes[0]
    before = [token for token in tokens if token.end <= turn.start]
    after = [token for token in tokens if token.start >= turn.end]
    was: list[Token] = []
    if any(token.kind in AMOUNTS for token in after):
        was += [token for token in before if token.kind in AMOUNTS]
    if any(token.kind in SLOTS for token in after):
        parts = [t for t in before if t.kind is T.PART]
        was += [token for token in before if token.kind in SLOTS]
        clocks = [t for t in after if t.kind is T.CLOCK]
        if len(parts) == 1 and clocks and not any(t.kind is T.PART for t in after):
            # 9点 stays in the morning, the part that was said with 8点.
            carried = parts[0].at(clocks[0].start, clocks[0].start)
            after.insert(after.index(clocks[0]), carried)
    if any(token.kind in DAYS for token in after):
        was += [token for token in before if token.kind in DAYS and token.value != "daily"]
    kept = [token for token in before if token not in was]
    return [*kept, turn, *after], was


def _is_difference(one: Built, chars: str) -> bool:
    """再加一片 says by how much, not how much."""
    doses = [token for token in one.segment.tokens if token.kind in AMOUNTS]
    return any(re.search(r"[加减增]了?$|[多少][吃服]$", chars[: token.start]) for token in doses)


def _changed(one: Built, was: list[Token], replaced: list[Token], chars: str) -> None:
    plan = one.plan
    points = read_times([token for token in was if token.kind in SLOTS], chars).points
    amounts, _ = amounts_of([token for token in was if token.kind in AMOUNTS], "片")
    plan.was = [*(point.key for point in points), *(amount.text for amount in amounts)]
    plan.was += [token.items[0] for token in replaced]
    plan.was += [day_word(token) for token in was if token.kind in (T.DATE, T.WEEKDAY)]
    plan.was += [token.value for token in was if token.kind is T.EVERY]
    shifts = [token for token in one.segment.tokens if token.kind is T.DELTA]
    if shifts and not plan.times:
        # 改早半小时: from which hour is not said.
        one.used += shifts
        plan.ask("times")
    if any("|" in time for time in plan.times):
        plan.ask("am_pm")
    if plan.dose and _is_difference(one, chars):
        plan.dose = None
        plan.ask("dose")
    if plan.repeat == "daily":
        plan.repeat = None
        if plan.dose and not plan.times:
            plan.ask("times")  # 一天三片: at which times is not said
    if not any((plan.times, plan.dose, plan.dose_by_time, plan.repeat, plan.per_day, plan.drug)):
        plan.ask("dose" if re.search(r"量|加|减", chars) else "times")
    elif plan.drug and not any(
        (plan.times, plan.dose, plan.dose_by_time, plan.repeat, plan.per_day, replaced)
    ):
        plan.ask("dose" if re.search(r"量|加|减|片", chars) else "times")
