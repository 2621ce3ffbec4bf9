"""Paragraphs → clauses, by the document's own markers and by what its other parts look like."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from bot.policy.documents.cleaning import DATE_LINE, NUMBER, TITLE_END
from bot.policy.documents.markers import SERIES, Level, Marker, marker_of, number_of
from bot.policy.documents.model import Clause, ClauseKind

INTRODUCTION = "引言"
_SENTENCE_END = re.compile(r"[。！？；]")
_ORGANISATIONS = re.compile(
    r"(?:[\u4e00-\u9fff（）、\s]{2,}?(?:厅|局|委员会|卫健委|健康委|联合会|政府|办公室|残联|院|部|会|中心)\s*)+"
)
_COPIES = re.compile(
    r"抄\s*送|抄报|主送|[（(](此件|此文).{0,12}公开.{0,6}[）)]|.{0,30}日\s*印发$|信息公开"
)
_CONTACT = re.compile(r"[（(]?(联系人|联系电话|联系方式|联系单位|咨询电话|联系地址|电子邮箱|邮编)")
_ANNEX = re.compile(r"附\s*件\s*([\d一二三四五六七八九十]{0,2})\s*[:：]?\s*$")
_ANNEX_LIST = re.compile(r"附\s*件\s*[:：]\s*\S")
_HEADING_LENGTH = 32
_SERIES_ITEM_LENGTH = 12


@dataclass(slots=True)
class _Open:
    """A marker we are inside of."""

    level: Level
    number: int
    label: str
    heading: str


def clauses_of(paragraphs: list[str]) -> tuple[str, tuple[Clause, ...], list[str]]:
    """The text (paragraphs joined by line feeds), its clauses in order, and Chinese doubts."""
    walk = _Walk(paragraphs)
    clauses = walk.run()
    return "\n".join(paragraphs), _numbered(clauses), walk.doubts


class _Walk:
    def __init__(self, paragraphs: list[str]) -> None:
        self.paragraphs = paragraphs
        self.doubts: list[str] = []
        self._open: list[_Open] = []
        self._prefix = ""
        self._in_head = True
        self._signed = False
        self._has_markers = any(marker_of(text) or SERIES.match(text) for text in paragraphs)
        self._seen_marker = False
        self._letters_paragraph = 0
        self._out: list[Clause] = []

    def run(self) -> list[Clause]:
        start = 0
        for place, text in enumerate(self.paragraphs):
            self._take(place, text, start)
            start += len(text) + 1
        return self._out

    def _take(self, place: int, text: str, start: int) -> None:
        kind = self._kind_without_marker(place, text)
        marker = _series_marker(text) or marker_of(text)
        if kind is not None:
            self._outside(kind, text, start)
        elif marker is not None:
            self._in_head, self._signed = False, False
            self._marked(place, text, start, marker)
        else:
            self._in_head = False
            self._unmarked(text, start)

    # --- the parts around the clauses -----------------------------------------------------------

    def _kind_without_marker(self, place: int, text: str) -> ClauseKind | None:
        if _COPIES.match(text):
            return ClauseKind.COPIES
        if _CONTACT.match(text) and len(text) < 120:
            return ClauseKind.CONTACT
        if _ANNEX.fullmatch(text) or (_ANNEX_LIST.match(text) and not self._in_head):
            return ClauseKind.ANNEX
        if marker_of(text) or SERIES.match(text):
            return None
        if self._in_head:
            return self._head_kind(place, text)
        if DATE_LINE.fullmatch(text) or (len(text) < 60 and _ORGANISATIONS.fullmatch(text)):
            return ClauseKind.SIGNATURE
        if self._signed and len(text) < 60 and not _SENTENCE_END.search(text):
            return ClauseKind.TITLE
        return None

    def _head_kind(self, place: int, text: str) -> ClauseKind | None:
        if NUMBER.fullmatch(text.replace(" ", "")):
            return ClauseKind.NUMBER
        if text[-1] in "：:" and len(text) < 300 and "。" not in text and place > 0:
            return ClauseKind.ADDRESSEE if not text.endswith(("如下：", "如下:")) else None
        if len(text) > 90 or _SENTENCE_END.search(text):
            return None
        return ClauseKind.TITLE if TITLE_END.search(text) else ClauseKind.LETTERHEAD

    def _outside(self, kind: ClauseKind, text: str, start: int) -> None:
        if kind is ClauseKind.ADDRESSEE:
            self._in_head = False
        elif kind is ClauseKind.SIGNATURE:
            self._signed = True
        elif kind is ClauseKind.ANNEX and (found := _ANNEX.fullmatch(text)):
            self._signed = True
            self._begin_part(f"附件{found[1]}")
        elif kind is ClauseKind.TITLE and self._signed:
            self._begin_part("附件")
        path = {
            ClauseKind.TITLE: "标题",
            ClauseKind.NUMBER: "文号",
            ClauseKind.LETTERHEAD: "版头",
            ClauseKind.ADDRESSEE: "主送",
            ClauseKind.SIGNATURE: "落款",
            ClauseKind.CONTACT: "联系方式",
            ClauseKind.COPIES: "版记",
            ClauseKind.ANNEX: "附件",
        }[kind]
        self._out.append(Clause(path, "", text, start, start + len(text), kind))

    def _begin_part(self, prefix: str) -> None:
        """What follows numbers anew. The plan that a bare notice brings is the document itself."""
        self._open.clear()
        if self._seen_marker and not self._prefix.startswith(prefix):
            self._prefix = prefix

    # --- the clauses ----------------------------------------------------------------------------

    def _marked(self, place: int, text: str, start: int, marker: Marker) -> None:
        self._seen_marker = True
        self._check_order(marker, text)
        while self._open and self._open[-1].level >= marker.level:
            self._open.pop()
        rest = text[marker.length :].strip()
        is_heading = self._is_heading(place, rest, marker)
        heading = rest.rstrip("。") if is_heading else _lead(rest, marker)
        context = self._context()
        self._open.append(_Open(marker.level, marker.number, marker.label, heading))
        if is_heading:
            kind = ClauseKind.HEADING
            self._out.append(
                Clause(self._path(), heading, text, start, start + len(text), kind, 0, context)
            )
        else:
            self._body(text, start, heading, context)

    def _unmarked(self, text: str, start: int) -> None:
        if self._open:
            self._body(text, start, _lead(text, None), self._context())
            return
        if not self._has_markers or not any(map(marker_of, self.paragraphs)):
            # A letter without markers: its paragraphs are counted as a reader would.
            self._letters_paragraph += 1
            self._body(text, start, "", (), path=f"第{self._letters_paragraph}段")
            return
        self._body(text, start, "", (), path=self._prefix + INTRODUCTION)

    def _body(
        self, text: str, start: int, heading: str, context: tuple[str, ...], path: str = ""
    ) -> None:
        path = path or self._path()
        cuts = _series_cuts(text)
        first_end = cuts[0][0] if cuts else len(text)
        if first_end:
            self._out.append(
                Clause(path, heading, text[:first_end], start, start + first_end, context=context)
            )
        below = (*context, heading) if heading else context
        ends = [begin for begin, _ in cuts[1:]] + [len(text)]
        for (begin, label), end in zip(cuts, ends, strict=False):
            item = text[begin:end]
            self._out.append(
                Clause(
                    path + label,
                    _lead(item[len(label) :], None),
                    item,
                    start + begin,
                    start + end,
                    context=below,
                )
            )

    def _path(self) -> str:
        has_article = any(part.level is Level.ARTICLE for part in self._open)
        labels = [
            part.label for part in self._open if not has_article or part.level >= Level.ARTICLE
        ]
        return self._prefix + "".join(labels)

    def _context(self) -> tuple[str, ...]:
        return tuple(part.heading for part in self._open if part.heading)

    def _is_heading(self, place: int, rest: str, marker: Marker) -> bool:
        if marker.level in {Level.CHAPTER, Level.SECTION}:
            return True
        sentence_ends = len(_SENTENCE_END.findall(rest))
        if len(rest) > _HEADING_LENGTH * 2 or sentence_ends > rest.endswith("。"):
            return False
        if rest.endswith("。") and len(rest) > _HEADING_LENGTH:
            return False
        # A short line is the heading of what it leads, and an item where it leads nothing.
        if place + 1 == len(self.paragraphs):
            return False
        following = self.paragraphs[place + 1]
        next_marker = _series_marker(following) or marker_of(following)
        if next_marker is not None:
            return next_marker.level > marker.level
        return self._kind_without_marker(place + 1, following) is None

    def _check_order(self, marker: Marker, text: str) -> None:
        before = next(
            (part.number for part in reversed(self._open) if part.level is marker.level), None
        )
        deeper = any(part.level < marker.level for part in self._open)
        if marker.number == 1 or before == marker.number - 1:
            return
        if before is None and (deeper or marker.level is Level.ARTICLE):
            # Numbers may run on through the parts of a higher level.
            last = self._last_number(marker)
            if last is None or last == marker.number - 1:
                return
        self.doubts.append(f"编号可能不连续：“{text[:16]}”前面没有找到上一项，请核对。")

    def _last_number(self, marker: Marker) -> int | None:
        for clause in reversed(self._out):
            found = marker_of(clause.text)
            if found and found.level is marker.level:
                return found.number
        return None


def _series_marker(text: str) -> Marker | None:
    if (found := SERIES.match(text)) and len(_series_cuts(text)) < 2:
        return Marker(Level.SERIES, number_of(found[1]), found[0], found.end())
    return None


def _series_cuts(text: str) -> list[tuple[int, str]]:
    """Where the items 一是…二是… of one paragraph begin, with their labels; [] if it has none."""
    cuts: list[tuple[int, str]] = []
    for found in SERIES.finditer(text):
        if number_of(found[1]) == len(cuts) + 1:
            cuts.append((found.start(), found[0]))
    long_enough = cuts and len(text) - cuts[0][0] >= _SERIES_ITEM_LENGTH * len(cuts)
    return cuts if len(cuts) >= 2 and long_enough else []


def _lead(text: str, marker: Marker | None) -> str:
    """The short first sentence that names what the rest is about, or an empty string."""
    if marker is not None and marker.level is Level.ARTICLE:
        titled = re.match(r"[【［\[（(]([^】］\])）]{2,30})[】］\])）]", text)
        return titled[1] if titled else ""
    first, stop, rest = text.partition("。")
    limit = _HEADING_LENGTH if marker is not None else _HEADING_LENGTH - 6
    if stop and len(first) <= limit and len(rest) > len(first) and "：" not in first:
        return first
    return ""


def _numbered(clauses: list[Clause]) -> tuple[Clause, ...]:
    """Count the clauses that share a path, so that each has a key of its own."""
    shared = Counter(clause.path for clause in clauses)
    seen: Counter[str] = Counter()
    result = []
    for clause in clauses:
        seen[clause.path] += 1
        number = seen[clause.path] if shared[clause.path] > 1 else 0
        result.append(replace(clause, paragraph=number))
    return tuple(result)
