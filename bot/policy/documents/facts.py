"""What a document says about itself: title, number, issuers, date, validity."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from bot.policy.documents.cleaning import NUMBER
from bot.policy.documents.markers import number_of
from bot.policy.documents.model import Clause, ClauseKind, Validity

_ISSUER = re.compile(
    r"[\u4e00-\u9fff]{2,}?(?:人民政府办公厅|人民政府办公室|人民政府|卫生健康委员会|卫生健康委|卫健委|"
    r"发展和改革委员会|委员会办公室|委员会|残疾人联合会|残联|民政厅|财政厅|教育厅|公安厅|司法厅|医疗保障局|"
    r"人力资源和社会保障[厅局部]|民政部|财政部|公安部|司法部|教育部|国务院办公厅|国务院|[厅局])(?:办公[室厅])?"
)
_ARABIC_DATE = re.compile(r"([12]\d{3})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_CHINESE_DATE = re.compile(
    r"([二一〇零○O三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_DOTTED_DATE = re.compile(r"([12]\d{3})[.\-/](\d{1,2})[.\-/](\d{1,2})")
_YEARS = re.compile(r"有效期(?:为|至)?(?:限)?(?:为)?\s*(\d{1,2}|[一二三四五六七八九十])\s*年")
_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "O": "0",
}


def find_title(clauses: Iterable[Clause]) -> str | None:
    """The title with its issuer where the letterhead names just one, else the title line alone."""
    clauses = list(clauses)
    titles = [clause.text for clause in clauses if clause.kind is ClauseKind.TITLE]
    if not titles:
        return None
    title = next((text for text in titles if "关于" in text), titles[0])
    title = re.sub(r"答\s+复$", "答复", title)
    issuers = find_issuers(clauses, letterhead_only=True)
    if title.startswith("关于") and len(issuers) == 1:
        return issuers[0] + title
    return title


def find_number(clauses: Iterable[Clause]) -> str | None:
    """The 文号 as printed, without white space. A number quoted from another text is none."""
    for clause in clauses:
        if clause.kind is ClauseKind.NUMBER:
            return clause.text.replace(" ", "")
        if clause.kind is ClauseKind.LETTERHEAD and (found := NUMBER.search(clause.text)):
            return found[0]
    return None


def find_issuers(clauses: Iterable[Clause], *, letterhead_only: bool = False) -> tuple[str, ...]:
    """Who issued it, from the letterhead, else the signature, else the title."""
    clauses = list(clauses)
    sources: list[list[str]] = [_texts(clauses, ClauseKind.LETTERHEAD)]
    if not letterhead_only:
        sources.append(_texts(clauses, ClauseKind.SIGNATURE))
        titles = _texts(clauses, ClauseKind.TITLE)
        sources.append([title.split("关于")[0] for title in titles if "关于" in title])
        sources.append(_texts(clauses, ClauseKind.COPIES))
    for texts in sources:
        found: dict[str, None] = {}
        for text in texts:
            for name in _ISSUER.findall(re.sub(r"\s|文件$", "", text)):
                found[re.sub(r"(?<=[厅局委])办公[室厅]$", "", name)] = None
        if found:
            return tuple(found)
    return ()


def find_date(clauses: Iterable[Clause]) -> tuple[date | None, str]:
    """The date beneath the text and how sure: `signed`, `printed` (印发) or `none`."""
    clauses = list(clauses)
    for kind, name in ((ClauseKind.SIGNATURE, "signed"), (ClauseKind.COPIES, "printed")):
        for text in _texts(clauses, kind):
            if found := dates_in(text):
                return found[0], name
    for text in _texts(clauses, ClauseKind.LETTERHEAD):
        if found := dates_in(text):
            return found[0], "printed"
    return None, "none"


def find_validity(text: str, issued: date | None) -> Validity:
    """From 自…起施行 and 有效期N年 (or 有效期至…); nothing is assumed where nothing is said."""
    starts = ends = None
    if found := re.search(r"自([^。；]{0,24}?)起(?:施行|实施|执行|生效)", text):
        dates = dates_in(found[1])
        starts = dates[0] if dates else issued if re.search("发布|印发|公布", found[1]) else None
    if found := re.search(r"有效期(?:限)?(?:截?至|到)([^。；]{6,16})", text):
        ends = next(iter(dates_in(found[1])), None)
    elif found := _YEARS.search(text):
        begin = starts or issued
        if begin:
            ends = begin.replace(year=begin.year + number_of(found[1]), day=min(begin.day, 28))
    return Validity(starts, ends)


def dates_in(text: str) -> list[date]:
    """Every full date written in a text, in order; impossible ones are left out."""
    found: list[tuple[int, int, int, int]] = [
        (match.start(), int(match[1]), int(match[2]), int(match[3]))
        for pattern in (_ARABIC_DATE, _DOTTED_DATE)
        for match in pattern.finditer(text)
    ]
    for match in _CHINESE_DATE.finditer(text):
        year = int("".join(_DIGITS.get(char, char) for char in match[1]))
        found.append((match.start(), year, number_of(match[2]), number_of(match[3])))
    dates = []
    for _, year, month, day in sorted(found):
        try:
            dates.append(date(year, month, day))
        except ValueError:
            continue
    return dates


def _texts(clauses: list[Clause], kind: ClauseKind) -> list[str]:
    return [clause.text for clause in clauses if clause.kind is kind]
