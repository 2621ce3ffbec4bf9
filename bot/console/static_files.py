"""Style sheet, script and icon: few, ours, and kept in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from litestar import Response, get
from litestar.datastructures.headers import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from bot.console.permissions import Permission, needs

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    address: str


@get(
    "/console/static/{name:str}",
    opt=needs(Permission.EVERYBODY),
    # Addresses change with the content, so a browser never has to ask again.
    cache_control=CacheControlHeader(max_age=_A_YEAR, public=True, immutable=True),
    sync_to_thread=False,
)
def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the files; there are no others to be had here."""
    file = _files().get(name)
    if file is None:
        raise NotFoundException
    return Response(file.content, media_type=f"{file.media_type}; charset=utf-8")


def address_of(name: str) -> str:
    """Where a page finds a file. Raises KeyError."""
    return _files()[name].address


@cache
def _files() -> dict[str, _File]:
    found = {}
    for path in _FOLDER.iterdir():
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[path.name] = _File(
            content, _TYPES[path.suffix], f"/console/static/{path.name}?{digest}"
        )
    return found
