"""Style sheet, script and icon: few, ours, and kept in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from litestar import Response, get
from litestar.datastructures.headers import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from bot.console.permissions import Permission, needs

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Addresses change with the content, so a browser never has to ask again.
FOR_A_YEAR = CacheControlHeader(max_age=365 * 24 * 3600, public=True, immutable=True)


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    address: str


class Folder:
    """The files of one folder, served under ``prefix``; read once."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix

    @cached_property
    def _files(self) -> dict[str, _File]:
        found = {}
        for path in self._folder.iterdir():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            found[path.name] = _File(
                content, _TYPES[path.suffix], f"{self._prefix}/{path.name}?{digest}"
            )
        return found

    def address_of(self, name: str) -> str:
        """Where a page finds a file. Raises KeyError."""
        return self._files[name].address

    def response(self, name: str) -> Response[bytes]:
        """One of the files. Raises NotFoundException."""
        file = self._files.get(name)
        if file is None:
            raise NotFoundException
        return Response(file.content, media_type=f"{file.media_type}; charset=utf-8")


_folder = Folder(Path(__file__).parent / "static", "/console/static")
address_of = _folder.address_of


@get(
    "/console/static/{name:str}",
    opt=needs(Permission.EVERYBODY),
    cache_control=FOR_A_YEAR,
    sync_to_thread=False,
)
def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the files; there are no others to be had here."""
    return _folder.response(name)
