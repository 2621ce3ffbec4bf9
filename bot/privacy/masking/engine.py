"""Replace personal data in a message by tokens, before anybody else sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.nlu.drugs import find_drugs
from bot.places import find as find_places
from bot.places.surnames import COMPOUND
from bot.privacy.masking.accounts import find_accounts
from bot.privacy.masking.addresses import Span, find_addresses
from bot.privacy.masking.answers import asked_spans
from bot.privacy.masking.digits import digit_of, numbers, runs
from bot.privacy.masking.lexicon import is_word
from bot.privacy.masking.names import NameSpan, acts, find_names

Kind = Literal[
    "name", "telephone", "identity_number", "bank_card", "number", "address", "email", "wechat"
]

TOKENS: dict[Kind, str] = {
    "name": "〔姓名〕",
    "telephone": "〔电话〕",
    "identity_number": "〔证件号〕",
    "bank_card": "〔银行卡〕",
    "number": "〔号码〕",
    "address": "〔地址〕",
    "email": "〔邮箱〕",
    "wechat": "〔微信号〕",
}


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that is known to belong to the people of this conversation."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """`value` stood at [start, end) of the original text."""

    kind: Kind
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` holds a token for each of `found`, in the same order."""

    text: str
    found: tuple[Found, ...]

    def restored(self) -> str:
        """The original text."""
        pieces: list[str] = []
        position = original = 0
        for found in self.found:
            kept = found.start - original
            pieces += [self.text[position : position + kept], found.value]
            position += kept + len(TOKENS[found.kind])
            original = found.end
        return "".join([*pieces, self.text[position:]])


@dataclass(frozen=True, slots=True)
class _Hit:
    kind: Kind
    start: int
    end: int


def mask(text: str, *, known: Iterable[KnownValue] = (), expecting: str | None = None) -> Masked:
    """Replace what identifies a person; county names, drugs, doses, times and hospitals stay.

    `known` values are replaced wherever they stand. `expecting` ("name", "phone" or "address")
    says what was asked for last: unless the message is a question or a command, every candidate
    for it is replaced. Masking the result again changes nothing. Never raises.
    """
    known = tuple(known)
    pieces: list[tuple[int, int] | Found] = [(0, len(text))]
    while True:
        current, origin = _laid_out(text, pieces)
        hits = _without_overlaps(_hits(current, known, expecting))
        if not hits:
            break
        new = [Found(hit.kind, origin[hit.start], origin[hit.end - 1] + 1, "") for hit in hits]
        pieces = _cut(text, [*(p for p in pieces if isinstance(p, Found)), *new])
    found = tuple(piece for piece in pieces if isinstance(piece, Found))
    return Masked(_laid_out(text, pieces)[0], found)


def _laid_out(text: str, pieces: list[tuple[int, int] | Found]) -> tuple[str, list[int]]:
    """The text with tokens, and for each of its characters where it came from (tokens: -1)."""
    out: list[str] = []
    origin: list[int] = []
    for piece in pieces:
        if isinstance(piece, Found):
            token = TOKENS[piece.kind]
            out.append(token)
            origin += [-1] * len(token)
        else:
            out.append(text[piece[0] : piece[1]])
            origin += range(piece[0], piece[1])
    return "".join(out), origin


def _cut(text: str, found: list[Found]) -> list[tuple[int, int] | Found]:
    pieces: list[tuple[int, int] | Found] = []
    position = 0
    for one in sorted(found, key=lambda f: f.start):
        pieces.append((position, one.start))
        pieces.append(Found(one.kind, one.start, one.end, text[one.start : one.end]))
        position = one.end
    return [*pieces, (position, len(text))]


_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))
_HOSPITAL = re.compile(
    r"[一-鿿]{0,12}?(?:医院|卫生院|卫生服务中心|卫生服务站|卫生室|卫生所|诊所|精防所|疾控中心|康复中心|福利院)"
)
_DOCUMENT = re.compile(r"[一-鿿]{1,8}[〔\[【(（]\d{4}[〕\]】)）]\s?第?\d{1,5}号")


def _hits(text: str, known: tuple[KnownValue, ...], expecting: str | None) -> list[_Hit]:
    """Candidates, better evidence first; none touches a token or a document number."""
    closed = [m.span() for m in (*_TOKEN.finditer(text), *_DOCUMENT.finditer(text))]
    places = [
        (match.start, match.end) for match in find_places(text) if match.certainty != "possible"
    ]
    drugs = [(drug.start, drug.end) for drug in find_drugs(text)]
    names = find_names(text)
    hits = [
        *_known_hits(text, known, places),
        *(_Hit(n.kind, n.start, n.end) for n in numbers(text)),
        *(_Hit(kind, start, end) for kind, start, end in find_accounts(text)),
        *(_Hit("name", n.start, n.end) for n in names if n.ground == "told"),
        *(_Hit(kind, start, end) for kind, start, end in asked_spans(text, expecting, places)),
        *(
            _Hit("address", start, end)
            for start, end in find_addresses(text, counties=places, asked=expecting == "address")
            if not _overlaps((start, end), (m.span() for m in _HOSPITAL.finditer(text)))
        ),
        *(
            _Hit("name", n.start, n.end)
            for n in names
            if n.ground != "told"
            and not _overlaps((n.start, n.end), drugs)
            and not any(
                _overlaps((n.start, n.end), [p]) and not _within(text, p, n) for p in places
            )
        ),
    ]
    return [hit for hit in hits if not _overlaps((hit.start, hit.end), closed)]


def _within(text: str, place: Span, name: NameSpan) -> bool:
    """海龙 in 徐海龙 names no county, nor 南宫 in 南宫燕; 宁德 in 宁德有 does."""
    inside = name.start <= place[0] and place[1] <= name.end
    compound = text.startswith(COMPOUND, name.start)
    return inside and (name.start < place[0] or (compound and place[1] < name.end))


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _without_overlaps(hits: list[_Hit]) -> list[_Hit]:
    kept: list[_Hit] = []
    for hit in hits:
        if hit.end > hit.start and not _overlaps(
            (hit.start, hit.end), ((k.start, k.end) for k in kept)
        ):
            kept.append(hit)
    return kept


def _known_hits(text: str, known: tuple[KnownValue, ...], places: list[Span]) -> Iterator[_Hit]:
    for one in known:
        value = one.value.strip()
        if not value:
            continue
        if one.kind in {"telephone", "identity_number", "bank_card", "number"}:
            yield from _known_number(text, one.kind, value)
            continue
        for spelling in (value, _given_name(value) if one.kind == "name" else ""):
            if len(spelling) < 2:
                continue
            loose = r"[\s·•.]{0,2}".join(map(re.escape, spelling))
            for match in re.finditer(loose, text):
                start, end = match.span()
                if spelling == value or not (
                    _overlaps((start, end), places)
                    or (is_word(spelling) and not acts(text, start, end))
                ):
                    yield _Hit(one.kind, start, end)


def _given_name(name: str) -> str:
    """建平 of 李建平: what the family says at home."""
    given = name[1:] if len(name) == 3 else name[2:] if len(name) == 4 else ""
    return given if len(given) == 2 else ""


def _known_number(text: str, kind: Kind, value: str) -> Iterator[_Hit]:
    digits = "".join(digit_of(c) or ("X" if c in "xX" else "") for c in value)
    if len(digits) < 5:
        return
    for run in runs(text):
        start = run.digits.find(digits)
        while start >= 0:
            yield _Hit(kind, run.starts[start], run.ends[start + len(digits) - 1])
            start = run.digits.find(digits, start + len(digits))
