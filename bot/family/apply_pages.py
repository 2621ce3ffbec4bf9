"""Applying on pages instead of in chat: agree, a few pages, review, receipt number."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from msgspec import Struct

from bot.casework import application_form, applications, consent_texts
from bot.casework.errors import Refused
from bot.clock import LOCAL
from bot.console.words import typed_text
from bot.dialogue.form_words import LEAD_TAKEN, PATIENT_REFUSED, THIRD_PARTY_ASK
from bot.family import draft as drafts
from bot.family.gate import SIGNED_IN, FamilyRequest, installation_of
from bot.family.pages import HOME, message_page, page, refused_status, see_other

APPLY = "/family/apply"
_LONGEST = 200
_LEAD_LONGEST = 500


class ReviewForm(Struct):
    seen: str = ""


class LeadForm(Struct):
    description: str = ""


Review = Annotated[ReviewForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
LeadReport = Annotated[LeadForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(APPLY, opt=SIGNED_IN, sync_to_thread=True)
def apply(request: FamilyRequest) -> Response[Any]:
    """What will be asked and why; with a draft, on to its next page."""
    with installation_of(request).database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
    if draft is None:
        return page(request, "apply_start.html", notice=consent_texts.SENSITIVE_DATA)
    return _next(draft.answers, _today(request))


@post(APPLY, opt=SIGNED_IN, sync_to_thread=True)
def begin(request: FamilyRequest) -> Response[Any]:
    """The reader agrees to the notice."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
        if draft is None:
            draft = drafts.begin(
                session,
                contact_id=request.user.contact_id,
                by=request.user.by,
                now=installation.clock(),
            )
    return _next(draft.answers, _today(request))


@post(f"{APPLY}/erase", opt=SIGNED_IN, sync_to_thread=True)
def erase(request: FamilyRequest) -> Response[Any]:
    """Delete what was filled in."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id, locked=True)
        if draft is not None:
            applications.erase_draft(
                session, application=draft, by=request.user.by, now=installation.clock()
            )
    return see_other(HOME, done="erased")


@get(f"{APPLY}/review", opt=SIGNED_IN, sync_to_thread=True)
def review(request: FamilyRequest) -> Response[Any]:
    """Everything once more before it is handed over."""
    return _review_page(request)


@post(f"{APPLY}/review", opt=SIGNED_IN, sync_to_thread=True)
def submit(request: FamilyRequest, data: Review) -> Response[Any]:
    """Hand it over; pressed twice it is handed over once."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            draft = drafts.of_contact(session, contact_id=request.user.contact_id, locked=True)
            if draft is None:
                return see_other(HOME)
            case = drafts.submit(
                session,
                draft,
                seen=data.seen,
                today=_today(request),
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _review_page(request, refused=refused)
    return see_other(f"/family/cases/{case.id}", done="submitted")


@get(f"{APPLY}/lead", opt=SIGNED_IN, sync_to_thread=True)
def lead(request: FamilyRequest) -> Response[Any]:
    """Not of the family: the office can be told of a need."""
    return _lead_page(request)


@post(f"{APPLY}/lead", opt=SIGNED_IN, sync_to_thread=True)
def take_lead(request: FamilyRequest, data: LeadReport) -> Response[Any]:
    """Keep the report; the reporter learns its number and nothing else."""
    description = typed_text(data.description)
    if not description or len(description) > _LEAD_LONGEST:
        wrong = f"请用一两句话写，最多 {_LEAD_LONGEST} 个字。"
        return _lead_page(request, refused=Refused(wrong), description=data.description)
    installation = installation_of(request)
    with installation.database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id, locked=True)
        if draft is None or not application_form.is_third_party(draft.answers):
            return see_other(APPLY)
        number = applications.take_lead(
            session,
            source_key=f"page:{draft.id}",
            contact_id=request.user.contact_id,
            reporter_relation=draft.answers["relation"],
            description=description,
            by=request.user.by,
            now=installation.clock(),
        )
        applications.erase_draft(
            session, application=draft, by=request.user.by, now=installation.clock()
        )
    sentence = LEAD_TAKEN.format(number=number)
    return message_page(request, title="谢谢您", sentence=sentence, link=(HOME, "回首页"))


@get(f"{APPLY}/{{step:str}}", opt=SIGNED_IN, sync_to_thread=True)
def show_step(request: FamilyRequest, step: FromPath[str]) -> Response[Any]:
    """One page of the form, with what is known already."""
    return _step_page(request, step)


@post(f"{APPLY}/{{step:str}}", opt=SIGNED_IN)
async def save_step(request: FamilyRequest, step: FromPath[str]) -> Response[Any]:
    """Keep what the page says; where something is wrong, what is right is kept all the same."""
    form = await request.form()
    said = {
        name: [typed_text(v)[:_LONGEST] for v in form.getall(name) if isinstance(v, str)]
        for name in form
    }
    return await sync_to_thread(_save, request, step, said)


def _save(request: FamilyRequest, step: str, said: dict[str, list[str]]) -> Response[Any]:
    if step not in drafts.STEPS:
        raise NotFoundException
    installation = installation_of(request)
    today = _today(request)
    with installation.database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id, locked=True)
        if draft is None:
            return see_other(APPLY)
        read = drafts.read(step, said, draft.answers, today=today)
        good = {k: v for k, v in read.answers.items() if k not in read.problems}
        drafts.save(session, draft, good, by=request.user.by, now=installation.clock())
        answers = draft.answers
    if read.problems:
        return _step_page(request, step, said=said, read=read)
    return _next(answers, today)


def _step_page(
    request: FamilyRequest,
    step: str,
    *,
    said: dict[str, list[str]] | None = None,
    read: drafts.Read | None = None,
) -> Response[Any]:
    if step not in drafts.STEPS:
        raise NotFoundException
    today = _today(request)
    with installation_of(request).database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
    if draft is None:
        return see_other(APPLY)
    answers = draft.answers
    steps = list(drafts.STEPS)
    number = steps.index(step)
    fields = [
        {
            "name": name,
            "question": question,
            "typed": name in drafts.TYPED,
            "many": name == "service_forms",
            "optional": name in application_form.OPTIONAL,
            "choices": {} if name in drafts.TYPED else drafts.choices_of(name, answers),
            "value": _value(name, answers, said),
            "problem": read.problems.get(name) if read else None,
            "candidates": read.candidates.get(name, ()) if read else (),
            "example": application_form.EXAMPLES[name],
        }
        for name, question in drafts.questions(step, answers, today=today).items()
    ]
    return page(
        request,
        "apply_step.html",
        status=422 if read else 200,
        step=step,
        title=drafts.TITLES[step],
        number=number + 1,
        of=len(steps) + 1,
        back=f"{APPLY}/{steps[number - 1]}" if number else HOME,
        fields=fields,
    )


def _value(name: str, answers: dict[str, Any], said: dict[str, list[str]] | None) -> Any:
    """What a field shows: what was just typed, else what is kept."""
    if said is not None:
        values = said.get(name, [])
        return values if name == "service_forms" else (values or [""])[0]
    if name in drafts.TYPED:
        return drafts.shown(name, answers)
    return answers.get(name) or ([] if name == "service_forms" else "")


def _review_page(request: FamilyRequest, *, refused: Refused | None = None) -> Response[Any]:
    today = _today(request)
    with installation_of(request).database.transaction() as session:
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
    if draft is None:
        return see_other(APPLY)
    if refused is None and drafts.next_step(draft.answers, today=today) != "review":
        return _next(draft.answers, today)
    return page(
        request,
        "apply_review.html",
        status=refused_status(refused),
        refused=refused,
        title=drafts.TITLES["review"],
        number=len(drafts.STEPS) + 1,
        of=len(drafts.STEPS) + 1,
        parts=_parts(draft.answers),
        seen=drafts.mark(draft),
        unwilling=PATIENT_REFUSED if draft.answers.get("patient_consent") == "refused" else None,
    )


def _parts(answers: dict[str, Any]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Address, title and answers of each page of the form."""
    parts = []
    for step, names in drafts.STEPS.items():
        rows = [
            (application_form.LABELS[name], application_form.shown(name, answers[name]))
            for name in names
            if name in answers
        ]
        parts.append((f"{APPLY}/{step}", drafts.TITLES[step], rows))
    return parts


def _lead_page(
    request: FamilyRequest, *, refused: Refused | None = None, description: str = ""
) -> Response[Any]:
    return page(
        request,
        "apply_lead.html",
        status=refused_status(refused),
        refused=refused,
        ask=THIRD_PARTY_ASK,
        description=description,
        longest=_LEAD_LONGEST,
    )


def _next(answers: dict[str, Any], today: date) -> Response[Any]:
    if application_form.is_third_party(answers):
        return see_other(f"{APPLY}/lead")
    return see_other(f"{APPLY}/{drafts.next_step(answers, today=today)}")


def _today(request: FamilyRequest) -> date:
    return installation_of(request).clock().astimezone(LOCAL).date()
