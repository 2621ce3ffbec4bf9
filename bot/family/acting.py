"""What a family does on its pages: consent, sign, confirm, withdraw, object, bind a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from msgspec import Struct
from sqlalchemy.orm import Session

from bot.casework import assessments, cases, consents, people, service, signing, steps
from bot.casework.consent_texts import VERSION
from bot.casework.course_models import (
    BINDING_ROLES,
    DOCUMENT_KINDS,
    SIGNERS,
    Document,
    ServiceRecord,
)
from bot.casework.errors import Refused
from bot.casework.models import Case
from bot.casework.stages import CLOSED_STAGES
from bot.console.forms import RowId
from bot.console.words import typed_text
from bot.family import access
from bot.family.case_pages import case_page
from bot.family.gate import SIGNED_IN, FamilyRequest, installation_of
from bot.family.pages import HOME, page, refused_status, see_other

LONGEST = 500
_LONGEST_CODE = 20
CASE = "/family/cases/{case_id:int}"


class RoleForm(Struct):
    role: str = ""


class WordsForm(Struct):
    text: str = ""


class CodeForm(Struct):
    code: str = ""


Role = Annotated[RoleForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Words = Annotated[WordsForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Code = Annotated[CodeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Act = Callable[[Session, Case, datetime], object]


@post(f"{CASE}/consent", opt=SIGNED_IN, sync_to_thread=True)
def consent(request: FamilyRequest, case_id: RowId, data: Role) -> Response[Any]:
    """Consent to rehabilitation, as the patient or the guardian that this phone is bound as."""

    def act(session: Session, case: Case, now: datetime) -> None:
        consents.give(
            session,
            case_id=case.id,
            role=data.role,
            contact_id=request.user.contact_id,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="agreed")


@get(f"{CASE}/documents/{{document_id:int}}", opt=SIGNED_IN, sync_to_thread=True)
def show_document(request: FamilyRequest, case_id: RowId, document_id: RowId) -> Response[Any]:
    """A document in full, and who may sign it here."""
    return _document_page(request, case_id, document_id)


@post(f"{CASE}/documents/{{document_id:int}}", opt=SIGNED_IN, sync_to_thread=True)
def sign(request: FamilyRequest, case_id: RowId, document_id: RowId, data: Role) -> Response[Any]:
    """Sign it, each person for themselves."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            _own_document(session, request, case_id, document_id)
            signing.sign(
                session,
                document_id=document_id,
                signer=data.role,
                contact_id=request.user.contact_id,
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _document_page(request, case_id, document_id, refused=refused)
    return see_other(f"/family/cases/{case_id}", done="signed")


@post(f"{CASE}/records/{{record_id:int}}/confirm", opt=SIGNED_IN, sync_to_thread=True)
def confirm(request: FamilyRequest, case_id: RowId, record_id: RowId) -> Response[Any]:
    """The service was given."""

    def act(session: Session, case: Case, now: datetime) -> None:
        _own_record(session, case, record_id)
        service.confirm_service(
            session,
            record_id=record_id,
            contact_id=request.user.contact_id,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="confirmed")


@post(f"{CASE}/records/{{record_id:int}}/dispute", opt=SIGNED_IN, sync_to_thread=True)
def dispute(request: FamilyRequest, case_id: RowId, record_id: RowId, data: Words) -> Response[Any]:
    """It was otherwise: a social worker looks into it, not the institution."""

    def act(session: Session, case: Case, now: datetime) -> None:
        _own_record(session, case, record_id)
        service.dispute_service(
            session,
            record_id=record_id,
            contact_id=request.user.contact_id,
            what=_short(data.text),
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="disputed", typed={"what": data.text})


@post(f"{CASE}/resubmit", opt=SIGNED_IN, sync_to_thread=True)
def resubmit(request: FamilyRequest, case_id: RowId, data: Words) -> Response[Any]:
    """Answer what the social worker asked for."""

    def act(session: Session, case: Case, now: datetime) -> None:
        text = steps.required(_short(data.text), "还没有写字。")
        cases.resubmit(session, case_id=case.id, text=text, by=request.user.by, now=now)

    return _do(request, case_id, act, done="resubmitted", typed={"text": data.text})


@post(f"{CASE}/object", opt=SIGNED_IN, sync_to_thread=True)
def object_to_refusal(request: FamilyRequest, case_id: RowId, data: Words) -> Response[Any]:
    """Not content with a refusal: a supervisor looks again."""

    def act(session: Session, case: Case, now: datetime) -> None:
        assessments.object_to_refusal(
            session, case_id=case.id, text=_short(data.text), by=request.user.by, now=now
        )

    return _do(request, case_id, act, done="objected", typed={"objection": data.text})


@get(f"{CASE}/withdraw", opt=SIGNED_IN, sync_to_thread=True)
def ask_to_withdraw(request: FamilyRequest, case_id: RowId) -> Response[Any]:
    """What withdrawing means, before it is done."""
    with installation_of(request).database.transaction() as session:
        case = access.case_of(session, request.user, case_id)
    if case.stage in CLOSED_STAGES:
        return see_other(f"/family/cases/{case_id}")
    return page(request, "withdraw.html", case=case)


@post(f"{CASE}/withdraw", opt=SIGNED_IN, sync_to_thread=True)
def withdraw(request: FamilyRequest, case_id: RowId) -> Response[Any]:
    """Take the application and the consents back."""

    def act(session: Session, case: Case, now: datetime) -> None:
        cases.withdraw(
            session,
            case_id=case.id,
            contact_id=request.user.contact_id,
            by=request.user.by,
            now=now,
        )

    return _do(request, case_id, act, done="withdrawn")


@post(f"{CASE}/invite", opt=SIGNED_IN, sync_to_thread=True)
def invite(request: FamilyRequest, case_id: RowId) -> Response[Any]:
    """A code for another caregiver. Patient and guardian get theirs from a social worker, in
    person: nobody shall sign for them with a second phone."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        case = access.case_of(session, request.user, case_id)
        code = people.make_code(
            session,
            case_id=case.id,
            role="caregiver",
            by=request.user.by,
            now=installation.clock(),
        )
    return case_page(request, case_id, code=code)


@get("/family/bind", opt=SIGNED_IN, sync_to_thread=False)
def bind_form(request: FamilyRequest) -> Response[Any]:
    """Where a code is typed in."""
    return _bind_page(request, "")


@get("/family/bind/{code:str}", opt=SIGNED_IN, sync_to_thread=False)
def bind_scanned(request: FamilyRequest, code: FromPath[str]) -> Response[Any]:
    """Where a scanned code leads; binding needs one more tap."""
    return _bind_page(request, code[:_LONGEST_CODE])


@post("/family/bind", opt=SIGNED_IN, sync_to_thread=True)
def bind(request: FamilyRequest, data: Code) -> Response[Any]:
    """Bind this phone to a case."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            bound = people.bind_by_code(
                session,
                code=data.code[:_LONGEST_CODE],
                contact_id=request.user.contact_id,
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _bind_page(request, data.code[:_LONGEST_CODE], refused=refused)
    return see_other(f"/family/cases/{bound.case_id}", done=f"bound_{bound.role}")


def _do(
    request: FamilyRequest,
    case_id: int,
    act: Act,
    *,
    done: str,
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    """Carry out one act on a case of theirs; refused, the case is shown as it is now."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            act(session, access.case_of(session, request.user, case_id), installation.clock())
    except Refused as refused:
        return case_page(request, case_id, refused=refused, typed=typed)
    return see_other(f"/family/cases/{case_id}", done=done)


def _document_page(
    request: FamilyRequest, case_id: int, document_id: int, *, refused: Refused | None = None
) -> Response[Any]:
    with installation_of(request).database.transaction() as session:
        case, document = _own_document(session, request, case_id, document_id)
        roles = people.roles_of(session, case_id=case.id, contact_id=request.user.contact_id)
        referral = steps.open_referral(session, case.id)
        papers = signing.documents_of(session, referral_id=referral.id) if referral else []
    current = next((paper for paper in papers if paper.id == document.id), None)
    done = {signature.signer for signature in current.signatures} if current else set()
    may = [
        (signer, SIGNERS[signer])
        for signer in ("patient", "guardian")
        if signer in roles
        and signer not in done
        and current is not None
        and case.stage == "signing"
        and getattr(case, f"{signer}_needed")
    ]
    return page(
        request,
        "document.html",
        status=refused_status(refused),
        refused=refused,
        case=case,
        document=document,
        name=DOCUMENT_KINDS[document.kind],
        institution=referral.institution if referral else None,
        may=may,
        signed=[SIGNERS[signer] for signer in SIGNERS if signer in done],
        TERMS=signing.TERMS,
        version=VERSION,
    )


def _bind_page(
    request: FamilyRequest, code: str, *, refused: Refused | None = None
) -> Response[Any]:
    return page(
        request,
        "bind.html",
        status=refused_status(refused),
        refused=refused,
        code=code,
        BINDING_ROLES=BINDING_ROLES,
        home=HOME,
    )


def _own_document(
    session: Session, request: FamilyRequest, case_id: int, document_id: int
) -> tuple[Case, Document]:
    case = access.case_of(session, request.user, case_id)
    document = session.get(Document, document_id)
    if document is None or document.case_id != case.id:
        raise NotFoundException
    return case, document


def _own_record(session: Session, case: Case, record_id: int) -> None:
    record = session.get(ServiceRecord, record_id)
    if record is None or record.case_id != case.id:
        raise NotFoundException


def _short(text: str) -> str:
    text = typed_text(text)
    if len(text) > LONGEST:
        raise Refused(f"最多 {LONGEST} 个字，请写短一些。")
    return text
