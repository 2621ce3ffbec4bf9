"""Word's automatic numbering as text: the markers a reader sees but the paragraphs do not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "零一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CHINESE_FORMATS = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional"}
)


def chinese_numeral(number: int) -> str:
    """1 → 一, 10 → 十, 21 → 二十一. For 1 to 99."""
    tens, ones = divmod(number, 10)
    text = ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "")
    return text + (_DIGITS[ones] if ones or not tens else "")


def numbered_text(document: Any) -> Callable[[Any], str]:
    """A function from a paragraph of a python-docx `document`, in order, to its text with number."""
    levels = _levels(document)
    counters: dict[str, dict[int, int]] = defaultdict(dict)

    def text_of(paragraph: Any) -> str:
        text = str(paragraph.text)
        place = _place(paragraph)
        if place is None or place not in levels or not text.strip():
            return text
        number_id, depth = place
        counts = counters[number_id]
        counts[depth] = counts.get(depth, levels[place][2] - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        marker = levels[place][1]
        for level in range(depth + 1):
            shape, _, start = levels.get((number_id, level), ("decimal", "", 1))
            marker = marker.replace(f"%{level + 1}", _written(counts.get(level, start), shape))
        return marker + text.lstrip()

    return text_of


def _written(number: int, shape: str) -> str:
    if shape in _CHINESE_FORMATS and 0 < number < 100:
        return chinese_numeral(number)
    if shape.startswith("decimalEnclosedCircle") and 0 < number <= len(_CIRCLED):
        return _CIRCLED[number - 1]
    return str(number)


def _place(paragraph: Any) -> tuple[str, int] | None:
    """Which list and level a paragraph belongs to, by itself or by its style."""
    properties = [paragraph._p.pPr, getattr(paragraph.style, "element", None)]
    for holder in properties:
        found = None if holder is None else holder.find(f".//{_W}numPr")
        if found is None:
            continue
        number = found.find(f"{_W}numId")
        level = found.find(f"{_W}ilvl")
        if number is not None and number.get(f"{_W}val") != "0":
            return number.get(f"{_W}val"), int(level.get(f"{_W}val")) if level is not None else 0
    return None


def _levels(document: Any) -> dict[tuple[str, int], tuple[str, str, int]]:
    """(list, level) → (number format, marker template, first number); bullets are left out."""
    try:
        numbering = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    abstract = {node.get(f"{_W}abstractNumId"): node for node in numbering.iter(f"{_W}abstractNum")}
    found: dict[tuple[str, int], tuple[str, str, int]] = {}
    for number in numbering.iter(f"{_W}num"):
        reference = number.find(f"{_W}abstractNumId")
        source = abstract.get(reference.get(f"{_W}val")) if reference is not None else None
        for level in source.iter(f"{_W}lvl") if source is not None else ():
            shape = _value(level, "numFmt", "decimal")
            template = _value(level, "lvlText", "")
            if shape in {"bullet", "none"} or "%" not in template:
                continue
            depth = int(level.get(f"{_W}ilvl"))
            start = int(_value(level, "start", "1"))
            found[(number.get(f"{_W}numId"), depth)] = (shape, template, start)
    return found


def _value(node: Any, name: str, default: str) -> str:
    child = node.find(f"{_W}{name}")
    return default if child is None else str(child.get(f"{_W}val", default))
