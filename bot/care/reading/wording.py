"""The contract's times, days and doses in spoken Chinese."""

from __future__ import annotations

import re

_ANCHORS = {
    "morning": "早上",
    "noon": "中午",
    "afternoon": "下午",
    "evening": "晚上",
    "bedtime": "睡前",
}
_MEALS = {"breakfast": "早饭", "lunch": "午饭", "dinner": "晚饭", "meal": "饭"}
_DAYS = {
    "MON": "一",
    "TUE": "二",
    "WED": "三",
    "THU": "四",
    "FRI": "五",
    "SAT": "六",
    "SUN": "日",
}
_NTH = {
    "first": "第一个",
    "second": "第二个",
    "third": "第三个",
    "fourth": "第四个",
    "last": "最后一个",
}
_FIXED_DATES = {
    "today": "今天",
    "+1d": "明天",
    "+2d": "后天",
    "+3d": "大后天",
    "next_week": "下周",
    "next_next_week": "下下周",
    "this_week": "这周",
    "this_weekend": "这个周末",
    "next_weekend": "下个周末",
    "next_month": "下个月",
    "this_month": "这个月",
    "month_after_next": "下下个月",
    "month_end": "月底",
    "month_start": "月初",
    "month_middle": "月中",
    "next_month_end": "下个月底",
    "year_end": "年底",
    "next_year": "明年",
    "soon": "过几天",
    "holiday": "节后",
    "-1d": "昨天",
    "-2d": "前天",
    "-3d": "大前天",
}
_MONTHS = {
    "next_month": "下个月",
    "this_month": "这个月",
    "last_month": "上个月",
    "month_after_next": "下下个月",
}
_PARTS = ((1, "夜里"), (6, "凌晨"), (11, "早上"), (13, "中午"), (18, "下午"))
"""Up to which hour each part of the day is called so; later it is 晚上."""
_KIN = {
    "next": "下周",
    "next_next": "下下周",
    "this": "这周",
    "last": "上周",
}


def clock(time: str) -> str:
    """20:30 as 晚上8点半."""
    hour, minute = int(time[:2]), int(time[3:])
    part = next((name for limit, name in _PARTS if hour < limit), "晚上")
    shown = 12 if hour == 0 else hour if hour <= 12 else hour - 12
    minutes = {0: "", 30: "半"}.get(minute, f"{minute:02d}分")
    return f"{part}{shown}点{minutes}"


def time(value: str) -> str:
    """A member of `times` in words: 早饭后, 晚上8点, 8点."""
    if "|" in value:
        early, _ = value.split("|")
        hour, minute = int(early[:2]), int(early[3:])
        return f"{hour or 12}点" + {0: "", 30: "半"}.get(minute, f"{minute:02d}分")
    if value[:1].isdigit():
        return clock(value)
    if value.startswith("+"):
        return f"{value[1:-1]}分钟后"
    if value in _ANCHORS:
        return _ANCHORS[value]
    relation, _, meal = value.partition("_")
    return {
        "before": f"{_MEALS[meal]}前",
        "after": f"{_MEALS[meal]}后",
        "with": f"吃{_MEALS[meal]}的时候",
    }[relation]


def _month_day(value: str) -> str:
    month, _, day = value.partition("-")
    return f"{int(month)}月{int(day)}号" if day else f"{int(month)}月"


def _weekdays(codes: str) -> str:
    return "周" + "、".join(_DAYS[code] for code in codes.split(","))


def date(value: str) -> str:
    """A date of the contract in words; what it does not know comes back as it is."""
    if value in _FIXED_DATES:
        return _FIXED_DATES[value]
    if found := re.fullmatch(r"\+(\d+)(d|mon)", value):
        return f"{found[1]}{'天' if found[2] == 'd' else '个月'}后"
    if found := re.fullmatch(r"-(\d+)(d|mon)", value):
        return f"{found[1]}{'天' if found[2] == 'd' else '个月'}前"
    if found := re.fullmatch(r"(\d{4})-(\d\d-\d\d)", value):
        return f"{found[1]}年{_month_day(found[2])}"
    if re.fullmatch(r"\d\d(?:-\d\d)?", value):
        return _month_day(value)
    scope, _, rest = value.partition(":")
    if scope == "lunar":
        return f"农历{_month_day(rest) if '-' in rest else int(rest)}"
    if scope == "day":
        return f"{int(rest)}号"
    if scope in ("next_year", "year_after_next"):
        return ("明年" if scope == "next_year" else "后年") + _month_day(rest)
    if scope in _MONTHS and rest:
        return _MONTHS[scope] + (nth_weekday(rest) if "_" in rest else f"{int(rest)}号")
    if found := re.fullmatch(r"(next_next|next|this|last)_([A-Z]{3})", value):
        return _KIN[found[1]] + _DAYS[found[2]]
    return value


def nth_weekday(value: str) -> str:
    """last_FRI as 最后一个周五."""
    nth, _, day = value.partition("_")
    return f"{_NTH[nth]}周{_DAYS[day]}" if nth in _NTH else "最后一天"


def repeat(value: str | None) -> str:
    """A `repeat` in words; "" where nothing was said."""
    if value is None:
        return ""
    fixed = {
        "daily": "每天",
        "monthly": "每个月",
        "weekly": "每周",
        "quarterly": "每三个月",
        "prn": "需要的时候",
        "every_2_days": "隔一天（每两天一次）",
        "every_7_days": "每周",
        "every_6_months": "每半年",
        "every_12_months": "每年",
        "schedule:odd_days": "单日",
        "schedule:even_days": "双日",
    }
    if value in fixed:
        return fixed[value]
    if found := re.fullmatch(r"every_(\d+)_days", value):
        return f"每{found[1]}天"
    if found := re.fullmatch(r"every_(\d+)_months", value):
        return f"每{found[1]}个月"
    if found := re.fullmatch(r"cycle:(\d+)on(\d+)off", value):
        return f"吃{found[1]}天停{found[2]}天"
    scope, _, rest = value.partition(":")
    if scope == "weekly":
        return "每" + _weekdays(rest)
    if scope == "monthly":
        if "_" in rest:
            return "每月" + nth_weekday(rest)
        return "每月" + "、".join(f"{int(day)}号" for day in rest.split(","))
    if scope == "lunar_monthly":
        return "每月农历" + "、".join(_lunar_day(int(day)) for day in rest.split(","))
    if scope == "once":
        return date(rest)
    return ""


def _lunar_day(day: int) -> str:
    digits = "一二三四五六七八九十"
    if day <= 10:
        return "初" + digits[day - 1]
    if day < 20:
        return "十" + digits[day - 11]
    return {20: "二十", 30: "三十"}.get(day, "廿" + digits[day % 10 - 1])


def dose(value: str) -> str:
    """0.5片 as 半片, 1.5片 as 1片半; weights and volumes stay as they are."""
    found = re.fullmatch(r"(\d+)\.5([片粒颗丸袋包])", value)
    if found is None:
        return value
    whole, unit = found.groups()
    return f"{whole}{unit}半" if int(whole) else f"半{unit}"


def lead(value: str) -> str:
    """1d,0d as 提前1天和当天."""
    words = []
    for part in value.split(","):
        amount, unit = int(part[:-1]), part[-1]
        if not amount:
            words.append("当天")
        elif unit == "d":
            words.append(f"提前{amount}天")
        else:
            words.append(f"提前{amount}分钟" if amount % 60 else f"提前{amount // 60}小时")
    return "和".join(words)
