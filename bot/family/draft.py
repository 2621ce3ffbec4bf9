"""The application as pages: its steps, and what a posted page means for the draft.

The draft is the one that the conversation fills in too, and each answer is read by the same
reader (`bot.casework.form_reading`): whoever stops here goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import application_form, applications, cases, family_words
from bot.casework.errors import Conflict, Refused
from bot.casework.form_reading import read_for_form
from bot.casework.models import Application, Case
from bot.delivery import outbox
from bot.dialogue.form_words import (
    CHILD_NEEDS_GUARDIAN,
    GUARDIAN_REFUSED,
    PROBLEMS,
)

STEPS: dict[str, tuple[str, ...]] = {
    "who": ("relation",),
    "patient": ("patient_name", "birth_year", "county"),
    "wishes": ("hospital_advice", "service_forms"),
    "reach": ("telephone",),
    "consent": ("is_guardian", "guardian_consent", "patient_consent"),
}
"""Pages of the form and the fields on each; the review follows."""
TITLES = {
    "who": "您是谁",
    "patient": "患者的情况",
    "wishes": "想要的帮助",
    "reach": "怎么找您",
    "consent": "你们的意思",
    "review": "看一遍，交上去",
}
TYPED = ("patient_name", "birth_year", "county", "telephone")
"""Written in words and read as the conversation reads them."""
CHOICES: dict[str, Mapping[str, str]] = {
    "relation": {
        "parent": "爸爸或妈妈",
        "spouse": "爱人",
        "child": "儿子或女儿",
        "sibling": "兄弟姐妹",
        "grandparent": "爷爷奶奶、外公外婆",
        "grandchild": "孙辈",
        "other_relative": "别的亲戚",
        "self": "我就是患者本人",
        "other": "都不是（邻居、村居委会、单位等）",
    },
    "hospital_advice": {
        key: application_form.HOSPITAL_ADVICE[key]
        for key in ("advised", "not_mentioned", "advised_against", "unknown")
    },
    "service_forms": application_form.SERVICE_FORMS,
    "is_guardian": {"yes": "是", "no": "不是", "unknown": "不清楚"},
    "guardian_consent": {"given": "同意", "refused": "不同意"},
}
_ASKED_HERE = {
    "relation": "您是患者的什么人？",
    "service_forms": "想要哪种服务？可以选几个。",
}
"""Where the conversation's words speak of typing."""
OWN_CONSENT = {"given": "愿意", "refused": "不愿意"}
OTHERS_CONSENT = {"reported": "愿意", "refused": "不愿意", "awaited": "还没问过"}
_PURPOSES = {
    "guardian_consent": "rehabilitation_guardian",
    "patient_consent": "rehabilitation_patient",
}
_COMPANIONS = {"birth_year": ("under_14",), "relation": ("patient_term",)}
_CHOOSE = "这一项还没有选。"
_CHANGED = "您刚刚在别处改过，请再看一遍，对了再交。"


@dataclass
class Read:
    """What a posted page says: answers to save, and what is wrong, by field."""

    answers: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Where several things could be meant: to choose from."""


def of_contact(session: Session, *, contact_id: int, locked: bool = False) -> Application | None:
    """The contact's open draft."""
    query = select(Application).where(
        Application.contact_id == contact_id, Application.state == "draft"
    )
    return session.scalar(query.with_for_update() if locked else query)


def begin(session: Session, *, contact_id: int, by: str, now: datetime) -> Application:
    """The reader has agreed to what will be asked: open the draft."""
    draft = applications.start_application(session, contact_id=contact_id, by=by, now=now)
    draft.paused = True
    _ledger(session, draft, "sensitive_data", "given", by=by, now=now)
    return draft


def fields_of(step: str, answers: Mapping[str, Any], *, today: date) -> list[str]:
    """The fields of a page that apply to this application."""
    own = answers.get("relation") == "self"
    child = application_form.is_child(answers, today=today)
    left_out = set()
    if own:
        left_out |= {"is_guardian", "guardian_consent"}
    elif child:
        left_out.add("patient_consent")
    return [name for name in STEPS[step] if name not in left_out]


def next_step(answers: Mapping[str, Any], *, today: date) -> str:
    """The first page with something left to answer, or ``review``."""
    missing = application_form.next_field(answers, today=today)
    return next((step for step, fields in STEPS.items() if missing in fields), "review")


def questions(step: str, answers: Mapping[str, Any], *, today: date) -> dict[str, str]:
    """The questions of a page, worded as the conversation words them."""
    return {
        name: _ASKED_HERE.get(name) or application_form.question(name, answers, today=today).text
        for name in fields_of(step, answers, today=today)
    }


def choices_of(name: str, answers: Mapping[str, Any]) -> Mapping[str, str]:
    """Value and words of what may be chosen for a field."""
    if name == "patient_consent":
        return OWN_CONSENT if answers.get("relation") == "self" else OTHERS_CONSENT
    return CHOICES[name]


def read(
    step: str, said: Mapping[str, list[str]], answers: Mapping[str, Any], *, today: date
) -> Read:
    """Read a posted page; ``said`` is what each field holds."""
    found = Read()
    for name in fields_of(step, answers, today=today):
        values = [value for value in said.get(name, []) if value.strip()]
        if name in TYPED:
            picked = said.get(f"{name}_pick") or values
            _read_typed(found, name, (picked or [""])[0].strip(), answers, today)
        elif name == "guardian_consent" and found.answers.get("is_guardian") != "yes":
            continue
        elif not set(values) <= set(choices_of(name, answers)):
            found.problems[name] = _CHOOSE
        elif name == "service_forms":
            found.answers[name] = (["any"] if "any" in values else values) or None
        elif values:
            found.answers[name] = values[0]
        elif name in application_form.OPTIONAL:
            found.answers[name] = None
        else:
            found.problems[name] = _CHOOSE
    if found.answers.get("guardian_consent") == "refused":
        found.problems["guardian_consent"] = GUARDIAN_REFUSED
    child = application_form.is_child(answers, today=today)
    if child and found.answers.get("is_guardian", "yes") != "yes":
        found.problems["is_guardian"] = CHILD_NEEDS_GUARDIAN
    return found


def save(
    session: Session, draft: Application, answers: Mapping[str, Any], *, by: str, now: datetime
) -> None:
    """Keep the answers of a page; decisions that changed go to the ledger."""
    before = draft.answers
    changed = {k: v for k, v in answers.items() if k not in before or before[k] != v}
    if not changed:
        return
    undone = _undone_by(changed, before)
    for name in undone:
        applications.forget_answer(session, application=draft, field=name, by=by, now=now)
        if before.get(name) in ("given", "reported"):
            _ledger(session, draft, _PURPOSES[name], "withdrawn", by=by, now=now)
    applications.save_answers(session, application=draft, answers=changed, by=by, now=now)
    # The conversation takes no message for an answer until it is asked to go on.
    draft.paused = True
    for name, purpose in _PURPOSES.items():
        if changed.get(name) in ("given", "reported", "refused"):
            _ledger(session, draft, purpose, changed[name], by=by, now=now)


def submit(
    session: Session, draft: Application, *, seen: str, today: date, by: str, now: datetime
) -> Case:
    """Hand the draft over as it was reviewed (``seen``: `mark`); the receipt goes to WeChat too.

    Raises `Conflict` when it changed in between, `Refused` when something is missing.
    """
    if mark(draft) != seen:
        raise Conflict(_CHANGED)
    if next_step(draft.answers, today=today) != "review":
        raise Refused("还有没填的，请先填完。")
    if not is_whole(draft.answers, today=today):
        raise Refused(CHILD_NEEDS_GUARDIAN)
    case = cases.submit_application(
        session,
        application=draft,
        summary=application_form.staff_summary(draft.answers),
        by=by,
        now=now,
    )
    outbox.post(
        session,
        contact_id=case.contact_id,
        draft=outbox.Draft(
            family_words.submitted(
                case.receipt_number,
                case.patient_name,
                awaits_guardian=case.awaits_guardian,
                own=draft.answers["relation"] == "self",
            ),
            purpose="case_news",
        ),
        by=by,
        now=now,
    )
    return case


def is_whole(answers: Mapping[str, Any], *, today: date) -> bool:
    """For a child, the guardian's own word is there."""
    child = application_form.is_child(answers, today=today)
    return not child or answers.get("is_guardian", "yes") == "yes"


def mark(draft: Application) -> str:
    """What a review page was made from."""
    return draft.updated_at.isoformat()


def shown(name: str, answers: Mapping[str, Any]) -> str:
    """A typed answer as its field shows it again."""
    value = answers.get(name)
    return "" if value is None else application_form.shown(name, value)


def _read_typed(found: Read, name: str, text: str, answers: Mapping[str, Any], today: date) -> None:
    if not text and name in application_form.OPTIONAL:
        found.answers[name] = None
        return
    if not text:
        found.problems[name] = "这一项还没有写。" + application_form.EXAMPLES[name]
        return
    reading = read_for_form(text, asked=name, known=dict(answers), today=today)
    if name in reading.answers:
        for each in (name, *_COMPANIONS.get(name, ())):
            if each in reading.answers:
                found.answers[each] = reading.answers[each]
        return
    if reading.clarify is not None:
        found.problems[name] = reading.clarify.text
        found.candidates[name] = reading.clarify.choices
        return
    words = [PROBLEMS[p.reason] for p in reading.problems if p.reason in PROBLEMS]
    found.problems[name] = "".join(dict.fromkeys([*words, application_form.EXAMPLES[name]]))


def _undone_by(changed: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Decisions that no longer hold once these answers change."""
    undone: list[str] = []
    if "relation" in changed:
        undone = ["is_guardian", "guardian_consent", "patient_consent"]
    elif changed.get("is_guardian", "yes") != "yes":
        undone = ["guardian_consent"]
    if "under_14" in changed and "under_14" in before:
        undone += ["guardian_consent", "patient_consent"]
    return [name for name in dict.fromkeys(undone) if name in before and name not in changed]


def _ledger(
    session: Session, draft: Application, purpose: str, state: str, *, by: str, now: datetime
) -> None:
    applications.record_consent(
        session,
        application=draft,
        purpose=purpose,
        state=state,
        said_by=str(draft.answers.get("relation", "unknown")),
        by=by,
        now=now,
        way="page",
    )
