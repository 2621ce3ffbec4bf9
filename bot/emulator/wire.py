"""XML as the platform writes it, and the callback's answers as the platform reads them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from msgspec import Struct, field

from bot.emulator.cipher import CipherError, MessageCipher, same, signature

MAX_TEXT_BYTES = 2048
"""Measured by others, in no official page; the same limit holds for custom/send."""


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _element(name: str, value: Any) -> str:
    match value:
        case list():
            return "".join(_element(name, item) for item in value)
        case dict():
            inner = "".join(_element(key, item) for key, item in value.items())
            return f"<{name}>{inner}</{name}>"
        case int() | float():
            return f"<{name}>{value}</{name}>"
        case _:
            return f"<{name}>{_cdata(str(value))}</{name}>"


def to_xml(fields: dict[str, Any]) -> str:
    """Numbers bare, words in CDATA, a list as a repeated element, a dict nested.

    Control characters stay as a person's phone sent them: the platform passes them on.
    """
    return _element("xml", fields)


class Junk(Exception):
    """An answer the platform cannot use; the person reads a failure note instead."""


class Reply(Struct):
    """A passive reply. `content` has the shape that custom/send uses for the same type."""

    type: str
    content: dict[str, Any] = field(default_factory=dict)


def read_answer(
    body: bytes,
    *,
    mode: str,
    cipher: MessageCipher,
    token: str,
    person: str,
    account: str,
    articles: int,
) -> Reply | None:
    """The passive reply in `body`, None for `success` and nothing.

    `articles` is how many news items are allowed. Raises Junk with a reason for the developer.
    """
    if body.strip() in (b"", b"success"):
        return None
    fields = _parse(body)
    if "Encrypt" in fields:
        if mode == "plain":
            raise Junk("an encrypted answer, but the account is in plain mode")
        fields = _parse(_open(fields, cipher, token).encode())
    elif mode == "safe":
        raise Junk("a plain answer, but the account is in safe mode")
    if fields.get("ToUserName") != person:
        raise Junk(f"ToUserName is {fields.get('ToUserName')!r} and not the person")
    if fields.get("FromUserName") != account:
        raise Junk(f"FromUserName is {fields.get('FromUserName')!r} and not the account")
    if not str(fields.get("CreateTime", "")).isdecimal():
        raise Junk("CreateTime is missing or no number")
    return _reply(fields, articles)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 (our own bot's answer, on loopback)
    except ElementTree.ParseError as error:
        kind = "JSON" if _is_json(body) else "no XML"
        raise Junk(f"{kind}: {error}") from error
    if root.tag != "xml":
        raise Junk(f"the root element is <{root.tag}> and not <xml>")
    return {child.tag: _value(child) for child in root}


def _value(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    items = [child for child in element if child.tag == "item"]
    if items:
        return [{part.tag: _value(part) for part in item} for item in items]
    return {child.tag: _value(child) for child in element}


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _open(fields: dict[str, Any], cipher: MessageCipher, token: str) -> str:
    sealed = str(fields["Encrypt"])
    stamp, nonce = str(fields.get("TimeStamp", "")), str(fields.get("Nonce", ""))
    given = str(fields.get("MsgSignature", ""))
    if not same(given, signature(token, stamp, nonce, sealed)):
        raise Junk("MsgSignature does not fit")
    try:
        return cipher.decrypt(sealed)
    except CipherError as error:
        raise Junk(f"the encrypted answer: {error}") from error


def _reply(fields: dict[str, Any], articles: int) -> Reply:
    kind = str(fields.get("MsgType", ""))
    match kind:
        case "text":
            text = fields.get("Content", "")
            if not isinstance(text, str) or not text:
                raise Junk("a text without Content")
            if len(text.encode()) > MAX_TEXT_BYTES:
                raise Junk(f"a text of {len(text.encode())} bytes; {MAX_TEXT_BYTES} are allowed")
            return Reply("text", {"content": text})
        case "image" | "voice" | "video":
            part = fields.get(kind.capitalize())
            if not isinstance(part, dict) or not part.get("MediaId"):
                raise Junk(f"a {kind} without MediaId")
            content = {"media_id": part["MediaId"]}
            if kind == "video":
                content |= {
                    "title": part.get("Title", ""),
                    "description": part.get("Description", ""),
                }
            return Reply(kind, content)
        case "music":
            part = fields.get("Music")
            if not isinstance(part, dict) or not part.get("ThumbMediaId"):
                raise Junk("music without ThumbMediaId")
            return Reply(
                "music",
                {
                    "title": part.get("Title", ""),
                    "description": part.get("Description", ""),
                    "musicurl": part.get("MusicUrl", ""),
                    "hqmusicurl": part.get("HQMusicUrl", ""),
                    "thumb_media_id": part["ThumbMediaId"],
                },
            )
        case "news":
            return Reply("news", {"articles": _articles(fields, articles)})
        case "transfer_customer_service":
            return Reply(kind)
        case _:
            raise Junk(f"MsgType {kind!r} is not a reply")


def _articles(fields: dict[str, Any], allowed: int) -> list[dict[str, str]]:
    items = fields.get("Articles")
    if not isinstance(items, list) or not items:
        raise Junk("news without Articles")
    if str(fields.get("ArticleCount", "")) != str(len(items)):
        raise Junk("ArticleCount does not fit the number of articles")
    if len(items) > allowed:
        raise Junk(f"{len(items)} articles; {allowed} are allowed here")
    return [
        {
            "title": item.get("Title", ""),
            "description": item.get("Description", ""),
            "url": item.get("Url", ""),
            "picurl": item.get("PicUrl", ""),
        }
        for item in items
    ]
