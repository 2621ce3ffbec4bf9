"""The directory of institutions: what is there, with places; importing a sheet, taking one out."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from bot.casework import institution_sheet, institutions
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.errors import Refused
from bot.casework.institution_models import ADMISSIONS
from bot.casework.institution_sheet import Preview
from bot.clock import LOCAL
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs

INSTITUTIONS = "/console/institutions"
LARGEST_SHEET = 2 * 1024 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetForm(Struct):
    sheet: str = ""
    """The sheet that was previewed, base64."""


Sheet = Annotated[SheetForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(INSTITUTIONS, opt=needs(Permission.READ_INSTITUTIONS), sync_to_thread=True)
def list_institutions(request: PageRequest) -> Response[Any]:
    """Everybody in the directory, with places and prices."""
    return _page(request)


@post(
    f"{INSTITUTIONS}/preview",
    opt=needs(Permission.MANAGE_OFFICE),
    request_max_body_size=LARGEST_SHEET,
    status_code=200,
)
async def preview(request: PageRequest) -> Response[Any]:
    """Read a sheet and say row by row what is wrong; nothing is written."""
    file = (await request.form()).get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    return await sync_to_thread(_preview, request, data)


@post(
    f"{INSTITUTIONS}/import",
    opt=needs(Permission.MANAGE_OFFICE),
    request_max_body_size=2 * LARGEST_SHEET,
    sync_to_thread=True,
)
def import_sheet(request: PageRequest, data: Sheet) -> Response[Any]:
    """Write what was previewed: all of it, or nothing."""
    installation = installation_of(request)
    try:
        try:
            sheet = base64.b64decode(data.sheet, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused("请重新选一次文件。") from error
        with installation.database.transaction() as session:
            institution_sheet.import_sheet(
                session, data=sheet, by=request.user.by, now=installation.clock()
            )
    except Refused as refused:
        return _page(request, refused=refused)
    return see_other(INSTITUTIONS, done="imported")


@post(
    f"{INSTITUTIONS}/export",
    opt=needs(Permission.MANAGE_OFFICE),
    status_code=200,
    sync_to_thread=True,
)
def export(request: PageRequest) -> Response[bytes]:
    """The directory as xlsx; with it one also has the form for the import."""
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        sheet = institution_sheet.export_sheet(session, by=request.user.by, now=now)
    day = now.astimezone(LOCAL).date().isoformat()
    return Response(
        sheet,
        media_type=_XLSX,
        headers={"content-disposition": f'attachment; filename="institutions-{day}.xlsx"'},
    )


def _preview(request: PageRequest, data: bytes) -> Response[Any]:
    try:
        if not data:
            raise Refused("请先选一个 xlsx 文件。")
        with installation_of(request).database.transaction() as session:
            found = institution_sheet.preview(session, data)
    except Refused as refused:
        return _page(request, refused=refused)
    return _page(request, found=found, sheet=base64.b64encode(data).decode())


def _page(
    request: PageRequest,
    *,
    refused: Refused | None = None,
    found: Preview | None = None,
    sheet: str = "",
) -> Response[Any]:
    installation = installation_of(request)
    today = installation.clock().astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        rows = institutions.directory(session)
        prices = {row.id: institutions.entry_of(row).prices for row in rows}
    return page(
        request,
        "institutions.html",
        status=refused_status(refused),
        rows=rows,
        prices=prices,
        today=today,
        refused=refused,
        found=found,
        sheet=sheet,
        ADMISSIONS=ADMISSIONS,
        SERVICE_FORMS=SERVICE_FORMS,
    )
