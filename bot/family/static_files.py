"""Style sheets and scripts of the family pages."""

from __future__ import annotations

from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from bot.console.static_files import FOR_A_YEAR, Folder
from bot.family.gate import OPEN

_folder = Folder(Path(__file__).parent / "static", "/family/static")
address_of = _folder.address_of


@get("/family/static/{name:str}", opt=OPEN, cache_control=FOR_A_YEAR, sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the files; there are no others to be had here."""
    return _folder.response(name)
