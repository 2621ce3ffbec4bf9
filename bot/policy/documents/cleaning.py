"""Lines as a file holds them → paragraphs as their author wrote them.

Removed: white space inside Chinese, page numbers, invisible signs, bold marks of Markdown. Every
other character stays, so that a quote is verbatim once white space is left aside.
"""

from __future__ import annotations

import re
import unicodedata

from bot.policy.documents.markers import marker_of
from bot.policy.documents.readers import PAGE_BREAK

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·×％"
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad\u0000-\u0008]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000\v]+")
_GAP_IN_CHINESE = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}\d(\[])|(?<=[\d)\]%]) (?=[{_HAN}])")
_COLUMNS = re.compile(rf"(?<=[{_HAN}]) {{3,}}(?=[{_HAN}\d])")
_ARTICLE = re.compile(r"^(第[一二三四五六七八九十百零\d]+[条章节编]) +")
_LETTER_SPACED = re.compile(rf"[{_HAN}](?:\s+[{_HAN}])+")
_PAGE_NUMBER = re.compile(
    r"[-—–－―·•\s]+\d{1,3}[-—–－―·•\s]+|第\s*\d{1,3}\s*页(\s*[,，/]?\s*共\s*\d{1,3}\s*页)?|"
    r"\d{1,3}\s*/\s*\d{1,3}"
)
_BARE_NUMBER = re.compile(r"\d{1,3}")
_CLOSED = "。！？!?；;：:…”）)】》"
_ENDINGS = "。！？!?；;：:"
_PAIRS = {"《": "》", "（": "）", "“": "”", "〔": "〕"}
DATE_LINE = re.compile(r"\s*(?:[12]\d{3}|[二〇零○O一三四五六七八九]{4})\s*年.{2,12}日.{0,4}")
TITLE_END = re.compile(
    r"(通知|意见|方案|办法|规定|答\s*复|复函|的函|公告|通告|细则|决定|规划|指南|规范|条例|批复|要点|法)"
    r"(（.{1,20}）|\(.{1,20}\))?$"
)
NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]{1,12}[〔\[（(【]\d{4}[〕\]）)】]|[\u4e00-\u9fff]{2,12}令?第)"
    r"(?:\d{1,5}|[一二三四五六七八九十百零〇]{1,6})号"
)
_LETTERHEAD = re.compile(r"(?:厅|局|委|委员会|联合会|政府|办公室|残联|院|部|处|中心|文件|会)$")

# A line this much narrower than the widest is still a full one: no line begins with a comma.
_SLACK = 5
_LONG_LINE = 36


def clean_line(line: str) -> str:
    """One line without the white space that only layout put there."""
    line = _INVISIBLE.sub("", line).replace("**", "")
    line = "".join(_plain(char) for char in line)
    line = _BLANKS.sub(lambda gap: " " * len(gap[0]), line).strip()
    line = re.sub(r"^#{1,6} ", "", line)
    if _LETTER_SPACED.fullmatch(line):
        return re.sub(r"\s+", "", line)
    # Columns side by side (two names, a name and a date) stay apart.
    line = _ARTICLE.sub(r"\1\0", _COLUMNS.sub("\0", line))
    line = re.sub(r" +", " ", line)
    return _GAP_IN_CHINESE.sub("", line).replace("\0", " ")


def _plain(char: str) -> str:
    # PDF fonts give radicals (⼀) for the characters that look alike.
    return unicodedata.normalize("NFKC", char) if "\u2e80" <= char <= "\u2fdf" else char


def paragraphs_of(lines: list[str]) -> list[str]:
    """The paragraphs of a document from its raw lines (`PAGE_BREAK` lines allowed)."""
    kept = _without_page_numbers(lines)
    width = _wrap_width(kept)
    paragraphs: list[str] = []
    previous_line = ""
    blank_before = False
    for line in kept:
        if not line:
            blank_before = True
            continue
        if paragraphs and _continues(paragraphs[-1], previous_line, line, width, blank_before):
            paragraphs[-1] = clean_line(_joined(paragraphs[-1], line))
        else:
            paragraphs.append(line)
        previous_line, blank_before = line, False
    return paragraphs


def _joined(first: str, second: str) -> str:
    apart = first[-1].isascii() and second[0].isascii() and (first[-1] + second[0]).isalpha()
    return f"{first} {second}" if apart else first + second


def _without_page_numbers(lines: list[str]) -> list[str]:
    kept: list[str] = []
    cleaned = [PAGE_BREAK if PAGE_BREAK in line else clean_line(line) for line in lines]
    for place, line in enumerate(cleaned):
        if (
            line == PAGE_BREAK
            or _PAGE_NUMBER.fullmatch(line)
            or (_BARE_NUMBER.fullmatch(line) and _at_page_edge(cleaned, place))
        ):
            kept.append("")
        else:
            kept.append(line)
    return kept


def _at_page_edge(lines: list[str], place: int) -> bool:
    before = next((line for line in reversed(lines[:place]) if line), PAGE_BREAK)
    after = next((line for line in lines[place + 1 :] if line), PAGE_BREAK)
    return PAGE_BREAK in (before, after)


def display_width(line: str) -> int:
    """Columns a line takes: two a Chinese character, one a Latin one."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


def _wrap_width(lines: list[str]) -> int:
    """The width lines are broken at, or 0 where each paragraph is one line."""
    widths = sorted(display_width(line) for line in lines if line)
    if len(widths) < 8:
        return 0
    widest = widths[int(len(widths) * 0.9)]
    full = sum(widest - 2 * _SLACK <= width <= widest + _SLACK for width in widths)
    return widest if 24 <= widest <= 110 and full >= len(widths) * 0.45 else 0


def _continues(paragraph: str, last: str, line: str, width: int, blank_before: bool) -> bool:
    """Whether `line` goes on with `paragraph`, whose last line was `last`."""
    marker = marker_of(line)
    if marker and paragraph.count("《") <= paragraph.count("》"):
        return False
    if _is_unclosed(paragraph) and (width or len(paragraph) < 400):
        return True
    if DATE_LINE.fullmatch(line) or DATE_LINE.fullmatch(last):
        return False
    if _is_title_half(paragraph, line):
        return True
    ends = paragraph[-1] in _ENDINGS
    if not ends and _is_cut_short(paragraph):
        return True
    if not width:
        return not ends and len(last) >= _LONG_LINE and paragraph[-1] not in _CLOSED
    full = display_width(last) >= width - _SLACK
    if ends:
        return full and not blank_before and display_width(line) > width * 0.3
    return full or (display_width(last) >= width * 0.7 and not marker_of(last))


def _is_cut_short(paragraph: str) -> bool:
    """A comma at the end, or a sentence that follows a finished one and has no end itself."""
    return paragraph[-1] in "，、," or bool(
        re.search(r"[。；]", paragraph) and paragraph[-1] != "”"
    )


def _is_unclosed(paragraph: str) -> bool:
    return any(
        paragraph.count(opened) > paragraph.count(closed) for opened, closed in _PAIRS.items()
    )


def _is_title_half(paragraph: str, line: str) -> bool:
    """A title broken over two lines: the first half is no title and no name of an office."""
    if len(paragraph) > 60 or len(line) > 45 or paragraph[-1] in _ENDINGS + "）)":
        return False
    if marker_of(paragraph) or NUMBER.fullmatch(paragraph) or not TITLE_END.search(line):
        return False
    about = "关于" in paragraph and not TITLE_END.search(paragraph)
    return about or not (_LETTERHEAD.search(paragraph) or TITLE_END.search(paragraph))
