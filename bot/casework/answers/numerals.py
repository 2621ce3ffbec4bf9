"""Numbers as words: 三十五, 一九八五, 廿三, 卅."""

from __future__ import annotations

import re

_DIGITS = {
    **{str(n): n for n in range(10)},
    "〇": 0, "零": 0, "○": 0, "一": 1, "幺": 1, "壹": 1, "二": 2, "两": 2, "俩": 2, "贰": 2, "三": 3, "仨": 3, "叁": 3, "四": 4,
    "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "廿": 20, "卅": 30, "百": 100, "佰": 100}

FIGURE = r"[0-9〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖]"
NUMBER = r"(?:[0-9]+|[〇零○一二两三四五六七八九十廿卅百壹贰叁肆伍陆柒捌玖拾佰]+)"


def digits(written: str) -> str:
    """Figure by figure: 一九八五 → 1985."""
    return "".join(str(_DIGITS[c]) for c in written if c in _DIGITS)


def number(written: str) -> int | None:
    """三十五 → 35, 一百零二 → 102, 八五 → 85, 35 → 35; None where it is no number."""
    if re.fullmatch("[0-9]+", written):
        return int(written)
    if not written or any(c not in _DIGITS and c not in _TENS for c in written):
        return None
    if not any(c in _TENS for c in written):
        return int(digits(written))
    total, last = 0, None
    for character in written:
        if character in _TENS:
            unit = _TENS[character]
            total += unit if last is None or unit in {20, 30} else last * unit
            last = None
        else:
            last = _DIGITS[character]
    return total + (last or 0)
