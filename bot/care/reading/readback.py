"""The plan said again to the family, dose by dose, before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

from bot.care.reading import wording
from bot.care.reading.plan import PlanReading

_ABOUT = {
    "medication": "吃药",
    "injection": "打针",
    "refill": "取药",
    "follow_up": "复诊",
    "visit": "随访",
    "lab": "检查",
}
_START = "对吗？回复“对”，我就开始提醒；哪里不对，直接告诉我。"
_REFUSED = "药量多少、停不停，得医生说了算，这个我不能照着改。先按原来的提醒，请跟医生商量一下。"
_ORDERS = {
    "cancel": "要取消的是：{what}。对吗？回复“对”就取消。",
    "pause": "先停{what}{days}。对吗？回复“对”就停。",
    "resume": "接着发{what}。对吗？回复“对”就开始。",
}


def read_back(plans: Sequence[PlanReading]) -> str:
    """What was understood, one dose a line, and the one thing to answer next.

    While something must be asked (`needs`), the question stands in the place of "对吗". A plan
    that is refused is never read back as if it could start. Empty for nothing to confirm.
    """
    if any(plan.refuse for plan in plans):
        return _REFUSED
    orders = [plan for plan in plans if plan.op in _ORDERS]
    planned = [plan for plan in plans if plan.op in ("set", "change")]
    parts = [_order(plan) for plan in orders]
    if planned:
        changing = any(plan.op == "change" for plan in planned)
        opening = "您要改成这样：" if changing else "我记下的是："
        lines = [line for plan in planned for line in _lines(plan)]
        parts.append("\n".join([opening, *lines, _closing(planned, changing=changing)]))
    return "\n".join(parts)


def _name(plan: PlanReading) -> str:
    if plan.drug is None:
        name = plan.drug_text or ""
    elif plan.drug_text and plan.drug_text not in plan.drug:
        name = f"{plan.drug}（您写的是{plan.drug_text}）"
    else:
        name = plan.drug
    return name + (f" {plan.strength}" if plan.strength else "")


def _order(plan: PlanReading) -> str:
    times = "、".join(wording.time(time) for time in plan.times)
    what = f"{times}{_name(plan)}{_ABOUT[plan.kind]}的提醒"
    days = ""
    if plan.start:
        days += f"，从{wording.date(plan.start)}起"
    if plan.until:
        days += f"，到{wording.date(plan.until)}再提醒"
    return _ORDERS[plan.op].format(what=what, days=days)


def _lines(plan: PlanReading) -> list[str]:
    name = _name(plan)
    about = _ABOUT[plan.kind] + (f"：{name}" if name else "")
    what = name if plan.kind == "medication" else about
    lines = [f"【{what}】"] if what else []
    if plan.steps:
        return lines + _step_lines(plan) + _notes(plan)
    if plan.repeat and plan.repeat.startswith("schedule:") and not wording.repeat(plan.repeat):
        return [*lines, *_series_lines(plan), *_notes(plan)]
    days = wording.repeat(plan.repeat)
    for time in plan.times:
        dose = plan.dose_by_time.get(time) or plan.dose or ""
        lines.append(_line(f"{days}{wording.time(time)}{_offset(plan, time)}", dose))
    if not plan.times:
        often = f"一天{plan.per_day}次" if plan.per_day else ""
        lines.append(_line("，".join(word for word in (days, often) if word), plan.dose or ""))
    return lines + _notes(plan)


def _line(when: str, dose: str) -> str:
    return "· " + "：".join(part for part in (when, wording.dose(dose)) if part)


def _offset(plan: PlanReading, time: str) -> str:
    """晚饭后30分钟; a clock time needs none."""
    if plan.offset is None or time[:1].isdigit():
        return ""
    minutes = abs(int(plan.offset[:-1]))
    return f"{minutes}分钟"


def _series_lines(plan: PlanReading) -> list[str]:
    """第1天, 第8天, 以后每个月; a series that was not understood in the family's own words."""
    assert plan.repeat is not None
    series = plan.repeat.removeprefix("schedule:")
    if "confirm" in plan.needs or "→" not in series:
        return [f"· 按您说的：{series}"]
    words = []
    for step in series.split("→"):
        known = wording.repeat(step) or wording.date(step)
        words.append(f"第{step[4:]}天" if step.startswith("day_") else known)
    return [
        _line(words[0], plan.dose or ""),
        *(_line(w, plan.dose or "") for w in words[1:-1]),
        _line(f"以后{words[-1]}", plan.dose or ""),
    ]


def _step_lines(plan: PlanReading) -> list[str]:
    times = "、".join(wording.time(time) for time in plan.times)
    lines = []
    for step in plan.steps:
        if step.when.endswith("d") and step.when[:-1].isdecimal():
            when = f"吃{step.when[:-1]}天"
        elif step.when:
            when = f"{wording.date(step.when)}起"
        else:
            when = "以后"
        lines.append(_line(f"{when}，每天{times}" if times else when, step.dose))
    return lines


def _notes(plan: PlanReading) -> list[str]:
    notes = []
    if plan.repeat == "prn":
        notes.append("没有固定时间，不提醒")
    if plan.last:
        notes.append(f"上次是{wording.date(plan.last)}")
    if plan.start:
        notes.append(f"从{wording.date(plan.start)}开始")
    if plan.until:
        until = wording.date(plan.until)
        notes.append(
            f"共{until.removesuffix('后')}" if plan.until.startswith("+") else f"到{until}"
        )
    if plan.lead:
        at = ",".join(wording.time(time) for time in (plan.lead_at or "").split(",") if time)
        notes.append(f"{wording.lead(plan.lead)}{at}提醒")
    if plan.per_week:
        notes.append(f"每周{plan.per_week}次")
    if plan.per_month:
        notes.append(f"每月{plan.per_month}次")
    return [f"  （{'，'.join(notes)}）"] if notes else []


def _closing(plans: list[PlanReading], *, changing: bool) -> str:
    for plan in plans:
        for need in plan.needs:
            return _question(need, plan)
    if changing:
        return "这是医生让改的吗？是的话回复“对”，顺便说一下是哪位医生。"
    return _START


def _question(need: str, plan: PlanReading) -> str:
    if need == "am_pm":
        unclear = next(time for time in plan.times if "|" in time)
        early, late = (wording.clock(half) for half in unclear.split("|"))
        return f"{wording.time(unclear)}是{early}，还是{late}？"
    if need == "times":
        if plan.kind != "medication":
            return "几点钟呢？"
        times = f"一天{plan.per_day}次，分别" if plan.per_day else ""
        return f"{times}几点吃好？比如“早上8点”。"
    return {
        "drug": "是哪种药？",
        "dose": "每次吃多少？早晚不一样的话，请分开说。",
        "date": "是哪一天？说个日子，我好记准。" if plan.last is None else "上次是哪一天？",
        "lunar": "您说的是农历还是阳历？",
        "delta": "过多久再提醒您？比如“20分钟”。",
        "confirm": "有些话我没看明白，怕漏了药。请照药盒或医嘱，再一样一样告诉我。",
    }[need]
