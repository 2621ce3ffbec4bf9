"""What reminders and their neighbours say. Discreet by default: a locked screen tells no
bystander the illness or the medicine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.care.content import Content
from bot.care.reading import wording as spoken
from bot.care.recurrence import Habits

CHOICES = ("做好了", "过30分钟再叫我", "这次没做")
"""Answers to a reminder, in the order of their numbers: taken, snooze by 30 minutes, skipped."""
KEEP_OPEN = "请打字回复数字，别只点选：微信只在您说话后两天里让我发提醒。"
VISITS = {
    "injection": "打针",
    "refill": "取药",
    "follow_up": "复诊",
    "visit": "随访",
    "lab": "检查",
}
VISIT_CHOICES = ("会去", "要改时间", "不去了")
AFTERWARDS_CHOICES = ("去了", "没去")
DISCREET = "约好的事"
_DAYS = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def when(moment: datetime, habits: Habits, *, now: datetime) -> str:
    """今天早上8点, 12月3号晚上9点半."""
    local = moment.astimezone(habits.moment(date(2026, 1, 1), "00:00").tzinfo)
    day = local.date()
    away = (day - habits.day_of(now)).days
    return _DAYS.get(away, f"{day.month}月{day.day}号") + spoken.clock(local.strftime("%H:%M"))


def dose_reminder(
    *,
    called: str,
    themselves: bool,
    at: Sequence[str],
    lines: Sequence[str],
    own: str | None,
) -> str:
    """The reminder of one moment. ``lines`` name medicines only where the family chose so;
    ``own`` is the family's own sentence."""
    whose = "" if themselves else f"{called}的"
    if own:
        return f"{own}（{'、'.join(at)}）"
    if lines:
        return f"到点了，{whose}{'、'.join(at)}：\n" + "\n".join(f"· {line}" for line in lines)
    return f"到点了，{whose}{'、'.join(at)}{DISCREET}，别忘了。"


def dose_line(content: Content, day: date, slot: str) -> str:
    """奥氮平：1片半."""
    amount = content.dose_on(day, slot)
    return content.name + (f"：{spoken.dose(amount)}" if amount else "")


def numbered(text: str, choices: Sequence[str]) -> str:
    """The answers as lines to be typed, with why typing matters."""
    lines = [text, *(f"{number}  {words}" for number, words in enumerate(choices, 1)), KEEP_OPEN]
    return "\n".join(lines)


def visit_reminder(
    *,
    about: str,
    kind: str,
    called: str,
    themselves: bool,
    day: str,
    at_time: str | None,
    content: Content,
    open_wording: bool,
) -> str:
    """Of one visit: day, hour, address and what to bring; the medicine only if chosen."""
    whose = "您" if themselves else called
    what = VISITS[kind] if open_wording or kind in ("follow_up", "visit") else DISCREET
    if not open_wording and kind == "follow_up":
        what = "看门诊"
    if about == "afterwards":
        return f"今天{whose}{what}，去了吗？"
    clock = spoken.clock(at_time) if at_time else ""
    parts = [f"提醒您：{day}{clock}，{whose}{what}。"]
    if content.place:
        parts.append(f"地点：{content.place}。")
    if content.bring:
        parts.append(f"带上：{content.bring}。")
    elif about == "ahead":
        parts.append("证件、医保卡和病历本先找出来。")
    return "".join(parts)


def to_caregiver(*, called: str, at: str) -> str:
    return (
        f"{called}{at}那一次，到现在还没跟我说做了没有。不一定是没做，方便的话去问一声，别责怪。"
        "要是漏了，别补双份，问问医生或药师。"
    )


def unreached_to_caregiver(*, called: str, at: str) -> str:
    return f"{called}{at}的提醒没能送到本人微信上，麻烦您提醒一声。"


def to_worker(*, times: int) -> str:
    return f"连着{times}次提醒都没有回音。请打电话问问情况，看看是不是需要帮忙。"


def after_outage(*, first: str, last: str, times: int) -> str:
    span = first if first == last else f"{first}到{last}"
    return (
        f"对不起，{span}我这边出了毛病，有{times}次没能提醒到。后面的照常。"
        "这几次做了没有，跟我说一声就行。漏掉的别自己补，问问医生或药师。"
    )


def weekly(*, called: str, taken: int, late: int, missed: int, unasked: int) -> str:
    total = taken + late + missed
    parts = [f"{called}这一周：一共{total}次，做了{taken + late}次"]
    if late:
        parts.append(f"，其中{late}次晚了些")
    parts.append(f"，{missed}次没有回音。" if missed else "，一次没落，真不容易。")
    if unasked:
        parts.append(f"另有{unasked}次是我没提醒到，不算在里面。")
    parts.append("不想每周收到，回复“不要周报”。")
    return "".join(parts)


def refill(*, name: str, until: date, open_wording: bool) -> str:
    what = name if open_wording else "家里备着的那样"
    return (
        f"按您上次报的数，{what}大概够用到{until.month}月{until.day}号。"
        "趁医院上班，早点去取；去之前可以打电话问问有没有。"
    )
