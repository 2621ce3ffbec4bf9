"""Names of people in everyday text.

A name is believed by what stands before it (叫, 姓名：, 患者, 我儿子), by what stands after it
(王测试，男，34岁), or, with neither, only where it is made of a common surname and characters
common in given names, stands free on both sides and is no everyday word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.privacy.masking import announced_names
from bot.privacy.masking.bare_names import DOES, bare_names
from bot.privacy.masking.name_shapes import HAN

Ground = Literal["told", "beside", "form", "heuristic"]
"""Why something is taken for a name: told to be one (叫 …), beside a word for a person (患者 …),
written like the head of a form (王测试，男), or by its characters alone."""

_ORDER: dict[Ground, int] = {"told": 0, "form": 1, "beside": 2, "heuristic": 3}


@dataclass(frozen=True, slots=True)
class NameSpan:
    start: int
    end: int
    ground: Ground


def find_names(text: str) -> list[NameSpan]:
    """Names in `text`, in order and not overlapping, each with its ground."""
    return _without_overlaps(
        [
            *(NameSpan(start, end, "told") for start, end in announced_names.told(text)),
            *(NameSpan(start, end, "beside") for start, end in announced_names.beside(text, DOES)),
            *(NameSpan(start, end, ground) for start, end, ground in bare_names(text)),
        ]
    )


def _without_overlaps(found: Iterable[NameSpan]) -> list[NameSpan]:
    """The better ground first, then the longer."""
    kept: list[NameSpan] = []
    for span in sorted(found, key=lambda s: (_ORDER[s.ground], s.start - s.end)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def acts(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] begins a clause and does something, as only a person does."""
    at_edge = start == 0 or not re.match(rf"[{HAN}]", text[start - 1])
    return at_edge and bool(DOES.match(text, end))
