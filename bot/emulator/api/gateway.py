"""HTTP around the platform's interfaces: access tokens, daily quotas, ordered faults, the record.

The handlers are bare ASGI. Most of what the emulator does in a benchmark is this path, and a
fault must be able to cut the connection, which no response object can.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import asgi
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File as FormFile
from python_multipart.multipart import parse_form

from bot.emulator import faults
from bot.emulator.api import account, custom, files, menu, notices, tokens, web_login
from bot.emulator.api.call import Call, File, Interface, Upload
from bot.emulator.api.tokens import check_token
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import ApiCall, Fault

if TYPE_CHECKING:
    from litestar.handlers import ASGIRouteHandler
    from litestar.types import Receive, Scope, Send

INTERFACES: Sequence[Interface] = (
    *tokens.INTERFACES,
    *custom.INTERFACES,
    *notices.INTERFACES,
    *menu.INTERFACES,
    *files.INTERFACES,
    *account.INTERFACES,
    *web_login.INTERFACES,
)
DROP = "jingkang.drop"
"""ASGI extension of our server (see `run`): a function that cuts the connection."""

_BUSY_PAGE = (
    "<!DOCTYPE html><html><head><title>系统繁忙</title></head>"
    "<body><h1>502 Bad Gateway</h1><p>系统繁忙，请稍后再试。</p></body></html>"
).encode()
_HTML = "text/html; charset=utf-8"


class _Addressed(msgspec.Struct):
    touser: str = ""


def build_handlers(emulator: Emulator) -> list[ASGIRouteHandler]:
    return [_handler(emulator, interface) for interface in INTERFACES]


def _handler(emulator: Emulator, interface: Interface) -> ASGIRouteHandler:
    @asgi(interface.path, copy_scope=False)
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await _Exchange(emulator, interface, scope, receive, send).run()

    return handle


def _upload(content_type: bytes, body: bytes) -> Upload | None:
    """The file of a form, if it holds one."""
    found: list[Upload] = []

    def keep(file: FormFile) -> None:
        file.file_object.seek(0)
        name = (file.file_name or b"").decode(errors="replace")
        found.append(Upload(name, file.content_type or "", file.file_object.read()))

    try:
        parse_form({"Content-Type": content_type}, io.BytesIO(body), None, keep)
    except FormParserError:
        return None
    return found[0] if found else None


class _Exchange:
    """One call from its first byte to its last."""

    def __init__(
        self,
        emulator: Emulator,
        interface: Interface,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self.emulator = emulator
        self.interface = interface
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]  # type: ignore[typeddict-item]
        query: bytes = scope["query_string"]
        self.call = Call(emulator, dict(parse_qsl(query.decode(), keep_blank_values=True)))
        self.errcode = 0
        self.errmsg = ""
        self.rid = ""
        self.fault: Fault | None = None

    async def run(self) -> None:
        begun = time.perf_counter()
        await self._read()
        if self.emulator.store.faults:
            self.fault = faults.take(
                self.emulator.store,
                *faults.CALL_FAULTS,
                path=self.interface.path,
                openid=self._addressee(),
            )
        kind = self.fault.kind if self.fault else ""
        if kind == "delay" and self.fault:
            await asyncio.sleep(self.fault.seconds)
        if kind == "drop_before":
            await self._drop()
        elif kind == "html":
            await self._respond(_BUSY_PAGE, _HTML)
        elif kind == "status" and self.fault:
            await self._respond(_BUSY_PAGE, _HTML, status=self.fault.status)
        else:
            content, mime, headers = self._answer()
            if kind == "drop_after":
                await self._drop()
            else:
                await self._respond(content, mime, headers=headers)
        self._record(begun)

    # -- the request -----------------------------------------------------------------------------

    async def _read(self) -> None:
        chunks = []
        more = self.method == "POST"
        while more:
            event: Mapping[str, Any] = await self.receive()
            chunks.append(event.get("body", b""))
            more = event["type"] == "http.request" and bool(event.get("more_body"))
        self.call.body = b"".join(chunks)
        for name, value in self.scope["headers"]:
            if name == b"content-type" and value.startswith(b"multipart/form-data"):
                self.call.upload = _upload(value, self.call.body)

    def _addressee(self) -> str:
        if "openid" in self.call.query:
            return self.call.query["openid"]
        try:
            return msgspec.json.decode(self.call.body, type=_Addressed).touser
        except msgspec.DecodeError:
            return ""

    # -- the answer ------------------------------------------------------------------------------

    def _answer(self) -> tuple[bytes, str, list[tuple[bytes, bytes]]]:
        try:
            answer = self._ask()
        except PlatformError as error:
            self.errcode = error.errcode
            self.rid = self.emulator.rid()
            self.errmsg = f"{error.errmsg} rid: {self.rid}"
            answer = {"errcode": self.errcode, "errmsg": self.errmsg}
        if isinstance(answer, File):
            name = files.disposition(answer.filename).encode() if answer.filename else b""
            return answer.content, answer.mime, [(b"content-disposition", name)] if name else []
        return msgspec.json.encode(answer), self.interface.mime, []

    def _ask(self) -> dict[str, Any] | File:
        interface, emulator = self.interface, self.emulator
        if self.fault and self.fault.kind == "errcode":
            raise PlatformError(self.fault.errcode, self.fault.errmsg)
        if self.method != interface.method:
            raise PlatformError(43001 if interface.method == "GET" else 43002)
        if interface.authorised:
            check_token(emulator, self.call.query.get("access_token"))
        if interface.daily is not None:
            emulator.spend(interface.path, interface.daily)
        return interface.answer(self.call)

    async def _respond(
        self,
        content: bytes,
        mime: str,
        *,
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", mime.encode()),
                    (b"content-length", str(len(content)).encode()),
                    *headers,
                ],
            }
        )
        await self.send({"type": "http.response.body", "body": content, "more_body": False})

    async def _drop(self) -> None:
        """Cut the connection without a word."""
        extensions: dict[str, Any] = self.scope.get("extensions") or {}
        drop = extensions.get(DROP)
        if drop is None:
            raise RuntimeError("only the emulator's own server can drop connections")
        drop()
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def _record(self, begun: float) -> None:
        store = self.emulator.store
        store.last_call += 1
        store.calls.append(
            ApiCall(
                id=store.last_call,
                at=self.emulator.now(),
                method=self.method,
                path=self.interface.path,
                errcode=self.errcode,
                milliseconds=round((time.perf_counter() - begun) * 1000, 2),
                rid=self.rid,
                openid=self.call.openid,
                fault=self.fault.kind if self.fault else "",
                errmsg=self.errmsg,
            )
        )
