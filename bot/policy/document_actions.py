"""What staff do with documents: look at an upload, publish it, say that one holds no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict, Refused
from bot.policy.documents import ParsedDocument
from bot.policy.edition import next_edition
from bot.policy.library import Imported, import_document
from bot.policy.models import PolicyDocument, PolicyUpload
from bot.privacy import audit

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Facts:
    """What a person put right on the preview."""

    title: str
    number: str
    region: str | None
    """Division code, empty for the nation; None is refused: the document would answer nobody."""
    date: date | None


def keep_upload(
    session: Session, *, document: ParsedDocument, filename: str, by: str, now: datetime
) -> PolicyUpload:
    """Keep what was read of a file until somebody publishes or drops it."""
    upload = PolicyUpload(
        filename=filename[-_LONGEST_NAME:],
        content=document.to_dict(),
        uploaded_at=now,
        uploaded_by=by,
    )
    session.add(upload)
    session.flush()
    audit.record(session, by=by, action="policy.upload", on=("policy_upload", upload.id), now=now)
    return upload


def publish_upload(
    session: Session, *, upload_id: int, facts: Facts, by: str, now: datetime
) -> Imported:
    """Let an uploaded document answer, with its facts put right.

    Raises `Refused` where a fact is missing, `Conflict` where somebody was quicker.
    """
    upload = _upload(session, upload_id)
    if not facts.title:
        raise Refused("请写上文件标题。")
    if facts.region is None:
        raise Refused("请写清楚适用哪个地方，比如“福建省”“仙游县”“全国”，不然查不到它。")
    document = replace(
        ParsedDocument.from_dict(upload.content),
        title=facts.title,
        number=facts.number or None,
        region=facts.region,
        date=facts.date,
    )
    session.delete(upload)
    return import_document(session, document=document, by=by, now=now)


def drop_upload(session: Session, *, upload_id: int, by: str, now: datetime) -> None:
    """Forget an upload. Raises `Conflict` where it is gone."""
    session.delete(_upload(session, upload_id))
    audit.record(session, by=by, action="policy.drop", on=("policy_upload", upload_id), now=now)


def twin_of(session: Session, document: ParsedDocument) -> PolicyDocument | None:
    """The kept document that this one would replace."""
    return session.scalar(
        select(PolicyDocument).where(
            PolicyDocument.title == document.title,
            PolicyDocument.number == (document.number or ""),
        )
    )


def withdraw_document(session: Session, *, document_id: int, by: str, now: datetime) -> None:
    """A document holds no more: it stays readable and answers nobody."""
    _change(session, document_id, "withdrawn", None, by, now)


def supersede_document(
    session: Session, *, document_id: int, successor_id: int, by: str, now: datetime
) -> None:
    """A newer document takes its place. Raises `Refused` for one that itself holds no more."""
    successor = session.get(PolicyDocument, successor_id)
    if successor is None or successor.state != "in_force" or successor_id == document_id:
        raise Refused("请选一份现在有效的文件来接替它。")
    _change(session, document_id, "superseded", successor_id, by, now)


def restore_document(session: Session, *, document_id: int, by: str, now: datetime) -> None:
    """It holds after all."""
    _change(session, document_id, "in_force", None, by, now)


def _change(
    session: Session,
    document_id: int,
    state: str,
    successor_id: int | None,
    by: str,
    now: datetime,
) -> None:
    document = session.get(PolicyDocument, document_id, with_for_update=True)
    if document is None:
        raise Conflict("找不到这份文件。")
    document.state, document.superseded_by = state, successor_id
    next_edition(session)
    audit.record(
        session,
        by=by,
        action=f"policy.{state}",
        on=("policy_document", document_id),
        now=now,
    )


def _upload(session: Session, upload_id: int) -> PolicyUpload:
    upload = session.get(PolicyUpload, upload_id, with_for_update=True)
    if upload is None:
        raise Conflict("这份上传已经发布或者丢掉了。")
    return upload
