"""The passive reply: the answer to a push, in the push's own HTTP response (被动回复用户消息).

wechatpy renders it; what it puts into CDATA is cleaned here first, because it renders ``]]>`` and
control characters as invalid XML, which the family sees as 「该公众号提供的服务出现故障」.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from wechatpy import replies as wechatpy_replies

from bot.wechat.inbound import Inbound
from bot.wechat.text import clean, graphemes, size

SUCCESS = "success"
"""The answer that accepts a push and says nothing to the person."""

MAX_TEXT_BYTES = 2_048
"""UTF-8 bytes of one text, passive or customer service. Measured by others, not documented."""

# In the order in which a reader would rather be interrupted.
_AFTER_PARAGRAPH = re.compile(r"\n[^\S\n]*\n+")
_AFTER_LINE = re.compile(r"\n+")
_AFTER_SENTENCE = re.compile(r"(?:[。！？!?；;…]+|\.(?=\s))[”’」』）)】》\"']*\s*")
_AFTER_CLAUSE = re.compile(r"[，,、：:]+\s*")
_AFTER_SPACE = re.compile(r"\s+")
_WHOLE_SENTENCES = (_AFTER_PARAGRAPH, _AFTER_LINE, _AFTER_SENTENCE)
_PARTS_OF_SENTENCES = (_AFTER_CLAUSE, _AFTER_SPACE)


@dataclass(frozen=True, slots=True)
class Article:
    """One card with a link. ``image`` is an address, not a media id."""

    title: str
    description: str
    url: str
    image: str = ""


def text_reply(to: Inbound, content: str, *, now: datetime) -> str:
    """XML that answers ``to`` with ``content``.

    Raises ValueError where ``content`` is longer than `MAX_TEXT_BYTES`: `split_text` first, and
    send the rest by customer service.
    """
    content = clean(content)
    if size(content) > MAX_TEXT_BYTES:
        raise ValueError(f"a text of {size(content)} bytes; a reply holds {MAX_TEXT_BYTES}")
    return _render(wechatpy_replies.TextReply, to, now, content=_cdata(content))


def image_reply(to: Inbound, media_id: str, *, now: datetime) -> str:
    """XML that answers ``to`` with an uploaded image."""
    return _render(wechatpy_replies.ImageReply, to, now, media_id=_cdata(media_id))


def news_reply(to: Inbound, article: Article, *, now: datetime) -> str:
    """XML that answers ``to`` with a card: one, which is all the platform shows to a message."""
    card = {
        "title": _cdata(article.title),
        "description": _cdata(article.description),
        "image": _cdata(article.image),
        "url": _cdata(article.url),
    }
    return _render(wechatpy_replies.ArticlesReply, to, now, articles=[card])


def transfer_reply(to: Inbound, *, now: datetime) -> str:
    """XML that hands the person over to WeChat's own 客服 tool, where an office uses it."""
    return _render(wechatpy_replies.TransferCustomerServiceReply, to, now)


def split_text(text: str, limit: int = MAX_TEXT_BYTES) -> list[str]:
    """``text`` in pieces of at most ``limit`` UTF-8 bytes; joined, they are ``text`` again.
    No piece is empty.

    Cuts after a paragraph, a line or a sentence; inside a sentence that alone is too long, after a
    clause or a space; inside a word between graphemes. Only a single grapheme longer than
    ``limit`` is cut, between its characters.
    """
    if limit < 4:
        raise ValueError("a character takes up to four bytes")
    pieces = []
    rest = text
    while size(rest) > limit:
        cuts = _cuts_within(rest, limit)
        cut = _best_cut(rest, cuts)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest] if rest else pieces


def _cuts_within(text: str, limit: int) -> list[int]:
    """Where the beginning of ``text`` may end: after each grapheme that still fits; not empty."""
    cuts = []
    at = used = 0
    window = text[: limit + 1]  # a character takes at least one byte
    for grapheme in graphemes(window):
        used += size(grapheme)
        if used > limit:
            break
        at += len(grapheme)
        cuts.append(at)
    if not cuts:
        at = used = 0
        while used + size(text[at]) <= limit:
            used += size(text[at])
            at += 1
        cuts.append(at)
    return cuts


def _best_cut(text: str, cuts: list[int]) -> int:
    last = cuts[-1]
    allowed = set(cuts)

    def ends(pattern: re.Pattern[str]) -> list[int]:
        # The window reaches past the cut so that what follows a full stop can be seen.
        found = (match.end() for match in pattern.finditer(text[: last + 64]))
        return [end for end in found if end in allowed]

    for patterns in (_WHOLE_SENTENCES, _PARTS_OF_SENTENCES):
        best = [ends(pattern) for pattern in patterns]
        # The strongest kind of break that leaves no short piece, else whichever comes last.
        for found in best:
            if found and found[-1] >= last // 2:
                return found[-1]
        anywhere = [end for found in best for end in found]
        if anywhere:
            return max(anywhere)
    return last


def _cdata(text: str) -> str:
    """``text`` as it may stand inside ``<![CDATA[…]]>``."""
    return clean(text).replace("]]>", "]]]]><![CDATA[>")


def _render(kind: type, to: Inbound, now: datetime, **fields: object) -> str:
    reply = kind(
        source=_cdata(to.account), target=_cdata(to.person), time=int(now.timestamp()), **fields
    )
    xml: str = reply.render()
    return xml
