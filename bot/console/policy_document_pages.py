"""Policy documents on the desk: upload, look at what was read, publish, mark what holds no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict, Refused
from bot.console import policy_words
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.console.words import typed_text
from bot.policy import document_actions, queries
from bot.policy.documents import DocumentError, ParsedDocument, read_document
from bot.policy.library import clause_id
from bot.policy.models import PolicyDocument, PolicyUpload

LARGEST_UPLOAD = 64 * 1024 * 1024
"""Bytes that are taken in to say kindly that a document is too large; it may have 20 MB."""
NO_FILE = "还没有选文件。"

Act = Callable[[Session, datetime], object]


@get("/console/policy", opt=needs(Permission.READ_POLICY), sync_to_thread=True)
def list_documents(request: PageRequest) -> Response[Any]:
    """All documents, what waits to be published, and the form to upload one."""
    return _list_page(request)


@post(
    "/console/policy/upload",
    opt=needs(Permission.WORK_POLICY),
    request_max_body_size=LARGEST_UPLOAD,
)
async def upload(request: PageRequest) -> Response[Any]:
    """Read a file. Nothing answers before somebody has looked at it and published it."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await sync_to_thread(_list_page, request, Refused(NO_FILE))
    data = await file.read()
    return await sync_to_thread(_take_in, request, data, file.filename)


@get(
    "/console/policy/uploads/{upload_id:int}",
    opt=needs(Permission.READ_POLICY),
    sync_to_thread=True,
)
def show_upload(request: PageRequest, upload_id: RowId) -> Response[Any]:
    """What was read of an uploaded file, and what is unsure."""
    return _upload_page(request, upload_id)


@post(
    "/console/policy/uploads/{upload_id:int}/publish",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def publish(request: PageRequest, upload_id: RowId, data: policy_words.FactsTyped) -> Response[Any]:
    """Let it answer."""
    installation = installation_of(request)
    try:
        facts = document_actions.Facts(
            title=typed_text(data.title),
            number=typed_text(data.number),
            region=policy_words.region(data.region),
            date=policy_words.day(data.date, "成文日期"),
        )
        with installation.database.transaction() as session:
            done = document_actions.publish_upload(
                session,
                upload_id=upload_id,
                facts=facts,
                by=request.user.by,
                now=installation.clock(),
            )
    except Conflict as refused:
        return _list_page(request, refused)
    except Refused as refused:
        return _upload_page(request, upload_id, refused=refused, typed=data)
    return see_other(
        f"/console/policy/documents/{done.document_id}",
        done="policy_replaced" if done.replaced else "policy_published",
    )


@post(
    "/console/policy/uploads/{upload_id:int}/drop",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def drop(request: PageRequest, upload_id: RowId) -> Response[Any]:
    """Forget an upload."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            document_actions.drop_upload(
                session, upload_id=upload_id, by=request.user.by, now=installation.clock()
            )
    except Refused as refused:
        return _list_page(request, refused)
    return see_other("/console/policy", done="policy_dropped")


@get(
    "/console/policy/documents/{document_id:int}",
    opt=needs(Permission.READ_POLICY),
    sync_to_thread=True,
)
def show_document(request: PageRequest, document_id: RowId) -> Response[Any]:
    """One document with its clauses."""
    return _document_page(request, document_id)


@post(
    "/console/policy/documents/{document_id:int}/withdraw",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def withdraw(request: PageRequest, document_id: RowId) -> Response[Any]:
    """It holds no more."""
    by = request.user.by
    return _change(
        request,
        document_id,
        lambda session, now: document_actions.withdraw_document(
            session, document_id=document_id, by=by, now=now
        ),
        done="policy_withdrawn",
    )


@post(
    "/console/policy/documents/{document_id:int}/supersede",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def supersede(
    request: PageRequest, document_id: RowId, data: policy_words.Successor
) -> Response[Any]:
    """A newer one takes its place."""
    by = request.user.by
    return _change(
        request,
        document_id,
        lambda session, now: document_actions.supersede_document(
            session, document_id=document_id, successor_id=data.successor, by=by, now=now
        ),
        done="policy_superseded",
    )


@post(
    "/console/policy/documents/{document_id:int}/restore",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def restore(request: PageRequest, document_id: RowId) -> Response[Any]:
    """It holds after all."""
    by = request.user.by
    return _change(
        request,
        document_id,
        lambda session, now: document_actions.restore_document(
            session, document_id=document_id, by=by, now=now
        ),
        done="policy_restored",
    )


def _take_in(request: PageRequest, data: bytes, filename: str) -> Response[Any]:
    installation = installation_of(request)
    try:
        document = read_document(data, filename)
    except DocumentError as error:
        return _list_page(request, Refused(str(error)), filename=filename)
    with installation.database.transaction() as session:
        kept = document_actions.keep_upload(
            session,
            document=document,
            filename=filename,
            by=request.user.by,
            now=installation.clock(),
        )
    return see_other(f"/console/policy/uploads/{kept.id}")


def _change(request: PageRequest, document_id: int, act: Act, *, done: str) -> Response[Any]:
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            if session.get(PolicyDocument, document_id) is None:
                raise NotFoundException
            act(session, installation.clock())
    except Refused as refused:
        return _document_page(request, document_id, refused=refused)
    return see_other(f"/console/policy/documents/{document_id}", done=done)


def _list_page(
    request: PageRequest, refused: Refused | None = None, filename: str = ""
) -> Response[Any]:
    with installation_of(request).database.transaction() as session:
        rows = queries.document_rows(session)
        waiting = queries.uploads(session)
    return page(
        request,
        "policy_documents.html",
        status=refused_status(refused),
        rows=rows,
        waiting=waiting,
        refused=refused,
        filename=filename,
        names=policy_words,
    )


def _upload_page(
    request: PageRequest,
    upload_id: int,
    *,
    refused: Refused | None = None,
    typed: policy_words.FactsForm | None = None,
) -> Response[Any]:
    with installation_of(request).database.transaction() as session:
        kept = session.get(PolicyUpload, upload_id)
        if kept is None:
            raise NotFoundException
        document = ParsedDocument.from_dict(kept.content)
        twin = document_actions.twin_of(session, document)
    if typed is None:
        typed = policy_words.FactsForm(
            title=document.title,
            number=document.number or "",
            region="" if document.region is None else policy_words.region_name(document.region),
            date=document.date.isoformat() if document.date else "",
        )
    return page(
        request,
        "policy_upload.html",
        status=refused_status(refused),
        kept=kept,
        document=document,
        lines=[(line, None) for line in policy_words.lines_of(document.clauses)],
        twin=twin,
        facts=typed,
        refused=refused,
        typed={},
    )


def _document_page(
    request: PageRequest, document_id: int, *, refused: Refused | None = None
) -> Response[Any]:
    with installation_of(request).database.transaction() as session:
        row = session.get(PolicyDocument, document_id)
        if row is None:
            raise NotFoundException
        document = ParsedDocument.from_dict(row.content)
        others = [
            other
            for other in queries.document_rows(session)
            if other.state == "in_force" and other.id != document_id
        ]
        successor = (
            None if row.superseded_by is None else session.get(PolicyDocument, row.superseded_by)
        )
    clauses = [clause for clause in document.clauses if clause.text.strip()]
    return page(
        request,
        "policy_document.html",
        status=refused_status(refused),
        row=row,
        document=document,
        lines=[
            (line, clause_id(document_id, clause.key))
            for line, clause in zip(policy_words.lines_of(document.clauses), clauses, strict=True)
        ],
        others=others,
        successor=successor,
        refused=refused,
        typed={},
        names=policy_words,
    )
