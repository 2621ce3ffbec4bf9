"""Reading pushed XML and JSON: tolerant of what people can type, strict about what they cannot.

Accepts control characters, unknown, missing and repeated elements. Refuses document types,
entities beyond the five of XML, and depth: nobody's phone sends those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from bot.wechat.text import clean

MAX_DEPTH = 8
MAX_NODES = 5_000

_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")


class Unreadable(Exception):
    """Comes from the platform, but is not a push we can read: answer 400."""

    status = 400


class Fields:
    """The children of one element: each name with its values in order, text or `Fields`."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[str, list[str | Fields]] = {}

    def add(self, name: str, value: str | Fields) -> None:
        self._values.setdefault(name, []).append(value)

    def has(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> str:
        """The first non-blank text under this name, untouched; else the first; else ``""``."""
        texts = [value for value in self._values.get(name, ()) if isinstance(value, str)]
        return next((text for text in texts if text.strip()), texts[0] if texts else "")

    def text(self, name: str, limit: int = 2_048) -> str:
        """As `raw`, without surrounding space and at most ``limit`` characters."""
        return self.raw(name).strip()[:limit]

    def integer(self, name: str) -> int | None:
        """The number under this name where it is one of at most 19 digits, as 64 bits hold."""
        text = self.text(name)
        return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None

    def number(self, name: str) -> float | None:
        """A plain decimal: no exponents, no infinities."""
        text = self.text(name)
        return float(text) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,20})?", text) else None

    def child(self, name: str) -> Fields:
        """The first element under this name that has children; empty where there is none."""
        return next(self.children(name), Fields())

    def children(self, name: str) -> Iterator[Fields]:
        for value in self._values.get(name, ()):
            if isinstance(value, Fields):
                yield value

    def flat(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """Every text with its path, in order: ``("SendPicsInfo.Count", "1")``."""
        for name, values in self._values.items():
            for value in values:
                if isinstance(value, Fields):
                    yield from value.flat(f"{prefix}{name}.")
                else:
                    yield prefix + name, value


def read(body: bytes) -> tuple[bool, Fields]:
    """Whether ``body`` is JSON, and its top-level fields. Raises `Unreadable`."""
    text = clean(body.decode("utf-8", "replace")).strip().removeprefix("\ufeff").lstrip()
    if text.startswith("{"):
        return True, _read_json(text)
    return False, _read_xml(text)


def _read_xml(text: str) -> Fields:
    builder = _Builder()
    try:
        builder.parser.Parse(_drop_forbidden_references(text), True)
    except expat.ExpatError as error:
        raise Unreadable(f"not XML: {expat.ErrorString(error.code)}") from None
    return builder.root


def _drop_forbidden_references(text: str) -> str:
    """Drop ``&#0;`` and its like, which XML forbids; inside CDATA they are what somebody typed."""
    if "&#" not in text:
        return text
    return "".join(
        part if part.startswith("<![CDATA[") else _REFERENCE.sub(_allowed_reference, part)
        for part in _CDATA.split(text)
    )


def _allowed_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if code <= 0x10FFFF and clean(chr(code)) else ""


class _Builder:
    """Builds `Fields` from expat's events."""

    def __init__(self) -> None:
        self.root = Fields()
        self._open: list[Fields] = []
        self._text: list[str] = []
        self._nodes = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) >= MAX_DEPTH or self._nodes > MAX_NODES:
            raise Unreadable("too deep or too many elements")
        if not self._open:
            if name.lower() != "xml":
                raise Unreadable("the root is not <xml>")
            self._open.append(self.root)
        else:
            self._open.append(Fields())
        self._text.clear()

    def _end(self, name: str) -> None:
        fields = self._open.pop()
        if self._open:
            self._open[-1].add(name, fields if fields._values else "".join(self._text))
        self._text.clear()

    def _refuse_doctype(self, *_: object) -> None:
        raise Unreadable("a document type")


def _read_json(text: str) -> Fields:
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise Unreadable("not a JSON object")
        return _of_json(document, [0])
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None


def _of_json(document: dict[str, Any], nodes: list[int], depth: int = 1) -> Fields:
    if depth > MAX_DEPTH:
        raise Unreadable("too deep")
    fields = Fields()
    for key, value in document.items():
        name = clean(key).strip()  # the platform's own example has " OpenID"
        for item in value if isinstance(value, list) else (value,):
            nodes[0] += 1
            if nodes[0] > MAX_NODES:
                raise Unreadable("too many values")
            if isinstance(item, dict):
                fields.add(name, _of_json(item, nodes, depth + 1))
            elif isinstance(item, str):
                fields.add(name, clean(item))
            elif isinstance(item, (int, float)) and not isinstance(item, bool):
                fields.add(name, str(item))
    return fields
