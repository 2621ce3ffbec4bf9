"""Text as the platform takes it: cleaned, measured, and cut only between what a reader sees as one.

Segmentation follows UAX #29 (extended grapheme clusters) with two simplifications, both towards
cutting less: nothing is cut after a zero-width joiner, and prepended marks are not treated apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"

# What XML 1.0 cannot carry (production [2] Char), lone surrogates included.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ZWNJ, _ZWJ = "\u200c", "\u200d"


def clean(text: str) -> str:
    """Drop the characters that neither XML 1.0 nor UTF-8 can carry; everything else stays."""
    return _FORBIDDEN.sub("", text)


def size(text: str) -> int:
    """Length in UTF-8 bytes; a lone surrogate counts as the three bytes it would take."""
    return len(text.encode("utf-8", "surrogatepass"))


def units(text: str) -> int:
    """Length in UTF-16 units: never less than any way in which the platform may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> Iterator[str]:
    """The user-perceived characters of ``text``; joined, they are ``text`` again."""
    start = 0
    for at in range(1, len(text)):
        if not _joined(text, start, at):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def shorten(text: str, limit: int, measure: Callable[[str], int] = units) -> str:
    """``text``, or its beginning and ``…``, at most ``limit`` long by ``measure``.

    Never cuts a grapheme. ``limit`` must have room for the ellipsis.
    """
    if measure(text) <= limit:
        return text
    room = limit - measure(ELLIPSIS)
    if room < 0:
        raise ValueError(f"no room for an ellipsis in {limit}")
    kept: list[str] = []
    used = 0
    for grapheme in graphemes(text):
        used += measure(grapheme)
        if used > room:
            break
        kept.append(grapheme)
    return "".join(kept).rstrip() + ELLIPSIS


def _joined(text: str, start: int, at: int) -> bool:
    """Whether the character at ``at`` belongs to the grapheme that began at ``start``."""
    before, char = text[at - 1], text[at]
    if before == "\r":
        return char == "\n"
    code = ord(char)
    if code < 0x300 or _is_control(before):  # nothing below U+0300 extends what precedes it
        return before == _ZWJ and not _is_control(char)
    if before == _ZWJ or char in (_ZWJ, _ZWNJ) or _extends(char, code):
        return True
    if _is_regional(code) and _is_regional(ord(before)):
        return at - start == 1  # flags are pairs
    return _hangul_joins(ord(before), code)


def _is_control(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cf":
        return char not in (_ZWNJ, _ZWJ) and not _is_tag(ord(char))
    return category in ("Cc", "Zl", "Zp")


def _extends(char: str, code: int) -> bool:
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or code in (0xFF9E, 0xFF9F)  # half-width voiced marks
        or _is_tag(code)
    )


def _is_tag(code: int) -> bool:
    return 0xE0020 <= code <= 0xE007F


def _is_regional(code: int) -> bool:
    return 0x1F1E6 <= code <= 0x1F1FF


def _hangul_joins(before: int, code: int) -> bool:
    leading = 0x1100 <= before <= 0x115F or 0xA960 <= before <= 0xA97C
    syllable = 0xAC00 <= before <= 0xD7A3
    vowel = 0x1160 <= before <= 0x11A7 or 0xD7B0 <= before <= 0xD7C6
    trailing = 0x11A8 <= before <= 0x11FF or 0xD7CB <= before <= 0xD7FB
    next_vowel = 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6
    next_trailing = 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB
    if leading:
        return (
            next_vowel
            or 0x1100 <= code <= 0x115F
            or 0xA960 <= code <= 0xA97C
            or 0xAC00 <= code <= 0xD7A3
        )
    if vowel or (syllable and (before - 0xAC00) % 28 == 0):
        return next_vowel or next_trailing
    return (trailing or syllable) and next_trailing
