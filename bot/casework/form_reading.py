"""From what a message says to answers of the application form.

`bot.casework.answers` reads a message; here it is decided which field of the form each part
answers, what has to be asked back, and what was taken back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot import places
from bot.casework.answers import (
    Answers,
    Command,
    Decision,
    Field,
    Guardian,
    Problem,
    read_answers,
)
from bot.casework.application_form import FIELDS, RELATIONS, Question

_ASKED = {
    "is_guardian": Field.GUARDIAN,
    "guardian_consent": Field.CONSENT,
    "patient_consent": Field.CONSENT,
    **{
        name: Field(name)
        for name in (
            "relation",
            "patient_name",
            "birth_year",
            "county",
            "hospital_advice",
            "service_forms",
            "telephone",
            "confirmation",
        )
    },
}
_FORM_FIELD = {
    Field.CONSENT: "guardian_consent",
    Field.GUARDIAN: "is_guardian",
    Field.CONFIRMATION: "confirmation",
}
MOST_CANDIDATES = 6
_NOT_ASKED_YET = re.compile(
    "没有?问|不知道|不清楚|不晓得|问问|再问|还没说|没说过|不好说|说不清|看情况"
)
_SOMEWHERE_WRONG = re.compile("有(?:些|的|个)?地方")
"""「有地方不对」 speaks of no place."""


@dataclass
class FormReading:
    """What a message means for the form."""

    answers: dict[str, Any] = field(default_factory=dict)
    """Form field to value; ``confirmation`` is ``"yes"`` or ``"no"``."""
    forget: set[str] = field(default_factory=set)
    """Fields said to be wrong, without the right value."""
    clarify: Question | None = None
    """Several things could be meant: asked back."""
    problems: tuple[Problem, ...] = ()
    command: Command | None = None
    refuses: bool = False
    """A plain no, which refuses the asked consent."""


def read_for_form(
    text: str, *, asked: str | None, known: dict[str, Any], today: date
) -> FormReading:
    """Read a message that came while ``asked`` was the open question."""
    own = known.get("relation") == "self"
    read = read_answers(text, asked=_ASKED.get(asked or ""), today=today, writer_is_patient=own)
    reading = FormReading(problems=read.problems, command=read.command)
    _facts(read, reading, asked=asked, known=known, today=today)
    _decisions(read, reading, asked=asked, known={**known, **reading.answers})
    _plain_words(text, reading, asked=asked, today=today)
    for corrected in () if _SOMEWHERE_WRONG.search(text) else read.corrects:
        name = _FORM_FIELD.get(corrected, corrected.value)
        if name not in reading.answers and name in FIELDS:
            reading.forget.add(name)
    reading.clarify = _ask_back(read, asked)
    return reading


def _facts(
    read: Answers, reading: FormReading, *, asked: str | None, known: dict[str, Any], today: date
) -> None:
    """Take the facts; what is known already changes only when it was asked or corrected."""

    def take(name: str, value: Any, **more: Any) -> None:
        corrected = Field(name) in read.corrects
        if name not in known or corrected or asked in (name, "confirmation"):
            reading.answers.update({name: value, **more})

    if read.relation is not None and read.relation.value is not None:
        kinship = read.relation.value
        take("relation", kinship.relation.value, patient_term=kinship.patient_term)
    if read.patient_name is not None and read.patient_name.value is not None:
        take("patient_name", read.patient_name.value)
    if read.birth is not None and read.birth.value is not None:
        birth = read.birth.value
        take("birth_year", birth.year, under_14=birth.under_14(today))
    if read.county is not None and read.county.value is not None:
        take("county", read.county.value)
    if read.hospital_advice is not None:
        take("hospital_advice", read.hospital_advice.value)
    if (forms := read.service_forms) is not None:
        if forms.wanted:
            take("service_forms", [form.value for form in forms.wanted])
        elif forms.any_form or forms.unknown:
            take("service_forms", ["any"] if forms.any_form else None)
    if read.telephone is not None and read.telephone.value is not None:
        take("telephone", read.telephone.value)
    if read.guardian is not None and (asked == "is_guardian" or "is_guardian" not in known):
        reading.answers["is_guardian"] = _guardian(read.guardian)


def _decisions(
    read: Answers, reading: FormReading, *, asked: str | None, known: dict[str, Any]
) -> None:
    """Consents and the confirmation; only what was asked can be decided."""
    own = known.get("relation") == "self"
    writer = read.consent.writer if read.consent else None
    patient = read.consent.patient if read.consent else None
    if asked == "confirmation" and read.confirmation is not None:
        if read.confirmation is Decision.YES:
            reading.answers["confirmation"] = "yes"
        elif read.confirmation is not Decision.UNCLEAR:
            reading.answers["confirmation"] = "no"
    elif asked == "guardian_consent" and writer is not None:
        _set(reading, "guardian_consent", writer, yes="given", not_yet="refused")
    elif asked == "patient_consent":
        said = writer if own else patient or writer
        if said is not None:
            yes = "given" if own else "reported"
            _set(reading, "patient_consent", said, yes=yes, not_yet="awaited")
    elif writer is Decision.NO:
        reading.refuses = True
    if asked != "patient_consent" and patient is not None and not own:
        _set(reading, "patient_consent", patient, yes="reported", not_yet="awaited")


def _plain_words(text: str, reading: FormReading, *, asked: str | None, today: date) -> None:
    """What yes, no and "not asked yet" mean for the form's own way of asking."""
    if asked == "is_guardian" and "is_guardian" not in reading.answers:
        decision = read_answers(text, asked=Field.CONFIRMATION, today=today).confirmation
        if decision in (Decision.YES, Decision.NO):
            reading.answers["is_guardian"] = "yes" if decision is Decision.YES else "no"
            reading.problems = ()
    if (
        asked == "patient_consent"
        and "patient_consent" not in reading.answers
        and _NOT_ASKED_YET.search(text)
    ):
        reading.answers["patient_consent"] = "awaited"
        reading.problems = ()


def _set(reading: FormReading, name: str, said: Decision, *, yes: str, not_yet: str) -> None:
    words = {Decision.YES: yes, Decision.NO: "refused", Decision.NOT_YET: not_yet}
    if said in words:
        reading.answers[name] = words[said]


def _guardian(guardian: Guardian) -> str:
    return {"applicant": "yes", "unknown": "unknown"}.get(guardian.who, "no")


def _ask_back(read: Answers, asked: str | None) -> Question | None:
    """A question between several candidates for a field."""
    reasons = {problem.reason for problem in read.problems}
    wider = {"only_city", "only_province"}
    if read.county is not None and read.county.candidates and not reasons & wider:
        codes = read.county.candidates[:MOST_CANDIDATES]
        names = tuple(place.full_name for place in map(places.get, codes) if place is not None)
        return Question("同名的地方有几个，是哪一个？", names)
    if read.patient_name is not None and read.patient_name.candidates:
        return Question("患者的名字是哪一个？", read.patient_name.candidates[:MOST_CANDIDATES])
    if read.telephone is not None and read.telephone.candidates:
        return Question("打哪个电话？", read.telephone.candidates[:MOST_CANDIDATES])
    if read.birth is not None and read.birth.candidates:
        years = tuple(f"{birth.year}年" for birth in read.birth.candidates[:MOST_CANDIDATES])
        return Question("是哪一年出生的？", years)
    if asked == "relation" and read.relation is not None and read.relation.candidates:
        kin = tuple(
            dict.fromkeys(RELATIONS[kinship.relation.value] for kinship in read.relation.candidates)
        )
        return Question("您是患者的什么人？", kin[:MOST_CANDIDATES])
    return None
