"""Consent form and service agreement: prepared by staff, signed by each person alone.

Nobody signs for anybody: on the phone a person signs in a role that this very WeChat account is
bound to; on paper a member of staff notes whose signature it holds. Sources: 闽民事〔2023〕86号
三(二)6; 攀民政〔2020〕132号 二(四) (content, standard and fee of the service).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.casework import conditions, consent_texts, news, people, steps
from bot.casework.course_models import DOCUMENT_KINDS, SIGNERS, Document, Signature
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, Staff
from bot.casework.stages import STEPS
from bot.privacy import audit

TERMS = {"content": "服务内容", "standard": "服务标准", "fee": "收费", "form": "服务形式"}


def prepare_documents(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    terms: dict[str, str],
    by: str,
    now: datetime,
) -> list[Document]:
    """Prepare both documents for signing.

    ``terms`` has all of `TERMS`. What was signed is never changed: new terms are new documents,
    to be signed anew.
    """
    case, referral_id = _at_signing(session, case_id, staff, now)
    if case.version != version:
        raise Conflict("这份申请刚刚有变动，请看一眼再做。")
    said = {key: terms.get(key, "").strip() for key in TERMS}
    if empty := [TERMS[key] for key, value in said.items() if not value]:
        raise Refused(f"还没写：{'、'.join(empty)}。免费也要写“免费”。")
    for old in documents_of(session, referral_id=referral_id):
        old.superseded_at = now
    session.flush()
    made = [
        Document(
            case_id=case.id,
            referral_id=referral_id,
            kind=kind,
            text_version=consent_texts.VERSION,
            terms=said,
            prepared_at=now,
            signatures=[],
        )
        for kind in DOCUMENT_KINDS
    ]
    session.add_all(made)
    session.flush()
    case.version, case.updated_at = case.version + 1, now
    audit.record(session, by=by, action="document.prepare", on=("case", case.id), now=now)
    signers = dict.fromkeys(
        signer for _, signer in conditions.needed_signatures(case) if signer != "institution"
    )
    steps.tell(session, case, news.to_sign(tuple(signers)), now=now)
    return made


def sign(
    session: Session,
    *,
    document_id: int,
    signer: str,
    contact_id: int,
    by: str,
    now: datetime,
) -> Document:
    """A person signs on the own phone. Signing twice finds the signature already there.

    Raises `Refused` unless this contact is bound to the case in the role ``signer``.
    """
    document, case = _to_be_signed(session, document_id, signer)
    if signer not in people.roles_of(session, case_id=case.id, contact_id=contact_id):
        raise Refused(f"这里只能由{SIGNERS[signer]}自己签，别人不能代签。")
    _add(session, document, case, signer=signer, way="page", contact_id=contact_id, by=by, now=now)
    return document


def record_paper_signature(
    session: Session,
    *,
    document_id: int,
    signer: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Document:
    """Note a signature on paper, or the institution's own."""
    document, case = _to_be_signed(session, document_id, signer)
    _at_signing(session, case.id, staff, now)
    _add(session, document, case, signer=signer, way="paper", contact_id=None, by=by, now=now)
    return document


def documents_of(session: Session, *, referral_id: int) -> list[Document]:
    """The current documents of a referral with their signatures, consent form first."""
    return list(
        session.scalars(
            select(Document)
            .where(Document.referral_id == referral_id, Document.superseded_at.is_(None))
            .options(selectinload(Document.signatures))
            .order_by(Document.kind)
        )
    )


def _at_signing(session: Session, case_id: int, staff: Staff, now: datetime) -> tuple[Case, int]:
    """The case while its documents may be prepared and signed, and its referral."""
    case = steps.locked_case(session, case_id)
    if case.stage != "signing":
        raise Conflict("现在不是签字的时候。")
    facts = steps.facts_of(session, case=case, staff=staff, now=now)
    if (reason := conditions.not_theirs(STEPS["start_service"], facts)) is not None:
        raise Conflict(reason)
    assert facts.referral is not None
    return case, facts.referral.id


def _to_be_signed(session: Session, document_id: int, signer: str) -> tuple[Document, Case]:
    document = session.get(Document, document_id)
    if document is None or document.superseded_at is not None:
        raise Conflict("这份文件换过了，请打开新的再签。")
    case = steps.locked_case(session, document.case_id)
    referral = steps.open_referral(session, case.id)
    if case.stage != "signing" or referral is None or referral.id != document.referral_id:
        raise Conflict("现在不是签字的时候。")
    if (document.kind, signer) not in conditions.needed_signatures(case):
        raise Refused("这份文件不用这个人签。")
    return document, case


def _add(
    session: Session,
    document: Document,
    case: Case,
    *,
    signer: str,
    way: str,
    contact_id: int | None,
    by: str,
    now: datetime,
) -> None:
    facts = steps.facts_of(session, case=case, now=now)
    if (document.kind, signer) in facts.signed:
        return
    session.add(
        Signature(
            document_id=document.id, signer=signer, way=way, contact_id=contact_id, by=by, at=now
        )
    )
    audit.record(
        session,
        by=by,
        action="document.sign",
        on=("case", case.id),
        now=now,
        document=document.id,
        kind=document.kind,
        signer=signer,
        way=way,
    )
    missing = set(conditions.needed_signatures(case)) - facts.signed - {(document.kind, signer)}
    steps.tell(session, case, news.signed_by(signer, document.kind, len(missing)), now=now)
