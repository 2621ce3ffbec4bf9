"""Read everything one message says about the application."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.casework.answers.birth import read_birth
from bot.casework.answers.choices import read_hospital_advice, read_service_forms
from bot.casework.answers.corrections import read_corrections
from bot.casework.answers.county import read_county
from bot.casework.answers.decisions import read_command, read_confirmation, read_consent
from bot.casework.answers.guardian import read_guardian
from bot.casework.answers.model import (
    Answers,
    Birth,
    Command,
    Decision,
    Field,
    Problem,
    Reading,
    Reason,
    Relation,
)
from bot.casework.answers.patient_name import read_patient_name
from bot.casework.answers.questions import is_question
from bot.casework.answers.relation import read_relation
from bot.casework.answers.telephone import read_telephone
from bot.nlu.script import plain
from bot.places import find
from bot.privacy.masking.names import find_names


def read_answers(
    text: str,
    *,
    asked: Field | None,
    today: date,
    near: str | None = None,
    writer_is_patient: bool = False,
) -> Answers:
    """What `text` says, field by field.

    `asked` is the field that was asked for last: a bare 王测试 or 34 is read only for it. `near`
    is a division code that settles county names which several places share. `writer_is_patient`:
    known from an earlier answer, so that 我叫 and 我34岁 speak of the patient. Nothing is guessed:
    what is uncertain comes as candidates, and `problems` says why. Never raises.
    """
    written = text[:_LONGEST]
    text = plain(written)
    command = read_command(text, asked=asked is not None)
    if command and not (asked in {Field.CONSENT, Field.CONFIRMATION} and command in _NOT_COMMANDS):
        return Answers(command=command)
    correction = read_corrections(text)
    rest = correction.text
    if correction.fields and asked in {None, Field.CONFIRMATION, *correction.fields}:
        asked_now: Field | None = correction.fields[-1]
    else:
        asked_now = asked
    question = is_question(rest)
    problems: list[Problem] = []

    def wants(field: Field) -> bool:
        return asked_now is field and not question

    relation, found = read_relation(
        rest,
        asked=wants(Field.RELATION),
        in_passing=asked_now not in {Field.TELEPHONE, Field.CONSENT, Field.CONFIRMATION},
    )
    problems += found
    kinship = relation.value if relation else None
    own = kinship.relation is Relation.SELF if kinship else writer_is_patient
    birth, found = read_birth(
        rest,
        asked=wants(Field.BIRTH_YEAR),
        today=today,
        writer_is_patient=own,
        in_form=asked_now is not None or correction.denied is not None,
    )
    problems += found
    place_denied = bool(correction.denied and find(correction.denied, expected=True))
    county, found = read_county(
        _without_names(rest), asked=wants(Field.COUNTY) or place_denied, near=near
    )
    problems += found
    telephone, found = read_telephone(rest, asked=wants(Field.TELEPHONE))
    problems += found
    name, found = read_patient_name(
        _as_written(rest, written),
        asked=wants(Field.PATIENT_NAME),
        writer_is_patient=own,
        patient_is_parent=bool(kinship and kinship.relation in {Relation.CHILD, Relation.SPOUSE}),
    )
    problems += found
    added = asked is Field.CONFIRMATION and bool(re.search(r"(?:加|添|还要|还想)", rest))
    if _is_list(rest):
        birth, county = _from_list(rest, birth, county, today=today, near=near)
    guardian = read_guardian(rest, asked=wants(Field.GUARDIAN))
    if guardian and asked_now is not Field.RELATION:
        relation = None  # 我老公 is the guardian here and not the patient
    answers = Answers(
        relation=relation,
        patient_name=name,
        birth=birth,
        county=county,
        hospital_advice=read_hospital_advice(rest, asked=wants(Field.HOSPITAL_ADVICE)),
        service_forms=read_service_forms(rest, asked=wants(Field.SERVICE_FORMS) or added),
        telephone=telephone,
        consent=read_consent(rest, asked=asked_now is Field.CONSENT),
        confirmation=read_confirmation(text) if asked is Field.CONFIRMATION else None,
        guardian=guardian,
        command=None,
        corrects=frozenset(correction.fields),
        problems=tuple(dict.fromkeys(problems)),
    )
    return _finished(answers, asked_now, question, correction.denied is not None)


_LONGEST = 600
"""Characters that are read; no answer is longer, and a pasted novel shall not keep others waiting."""


def _as_written(read: str, written: str) -> str:
    """The part of the message that is left to read, in its own spelling (names keep theirs)."""
    start = plain(written).find(read)
    return written[start : start + len(read)] if start >= 0 else read


def _without_names(text: str) -> str:
    """名字：尼玛次仁 names no county: names are blanked, the positions stay."""
    for span in find_names(text):
        if span.ground != "heuristic":
            text = text[: span.start] + "□" * (span.end - span.start) + text[span.end :]
    return text


_BREAK = re.compile(r"[，,。；;、\n\s]+")


def _is_list(text: str) -> bool:
    """我弟弟，1979年，湖里: short entries as on a form."""
    entries = [entry for entry in _BREAK.split(text) if entry]
    return len(entries) > 2 and all(len(entry) <= 12 for entry in entries)


def _from_list(
    text: str,
    birth: Reading[Birth] | None,
    county: Reading[str] | None,
    *,
    today: date,
    near: str | None,
) -> tuple[Reading[Birth] | None, Reading[str] | None]:
    """In a list an entry that is nothing but a year or a county is one, without being asked."""
    for entry in filter(None, _BREAK.split(text)):
        if birth is None and re.fullmatch(r"(?:19|20)\d\d年?", entry):
            found, _ = read_birth(entry, asked=True, today=today)
            birth = found if found and found.value else None
        if county is None:
            place, _ = read_county(entry, asked=True, near=near)
            county = place if place and place.value else None
    return birth, county


_NOT_COMMANDS = frozenset({Command.PAUSE, Command.CANCEL, Command.SKIP})
"""算了 and 先不填了 in answer to a request for consent are no consent; the caller decides what next."""

_ATTRIBUTES = {
    Field.RELATION: "relation",
    Field.PATIENT_NAME: "patient_name",
    Field.BIRTH_YEAR: "birth",
    Field.COUNTY: "county",
    Field.HOSPITAL_ADVICE: "hospital_advice",
    Field.SERVICE_FORMS: "service_forms",
    Field.TELEPHONE: "telephone",
    Field.CONSENT: "consent",
    Field.CONFIRMATION: "confirmation",
    Field.GUARDIAN: "guardian",
}


def _finished(answers: Answers, asked: Field | None, question: bool, denied: bool) -> Answers:
    """Mark what was put right, and say why the asked field stayed empty."""
    filled = frozenset(
        field for field, name in _ATTRIBUTES.items() if getattr(answers, name) is not None
    )
    corrects = answers.corrects
    if denied:
        corrects |= filled - {Field.CONSENT, Field.CONFIRMATION}
    if answers.confirmation is Decision.UNCLEAR and corrects:
        answers = replace(answers, confirmation=Decision.NO)
    problems = answers.problems
    if asked and asked not in filled and not any(p.field is asked for p in problems):
        nothing_else = filled if asked not in corrects else frozenset()
        reason: Reason | None = "question" if question else _unread(asked, nothing_else)
        if reason:
            problems = (*problems, Problem(asked, reason))
    return replace(answers, corrects=corrects, problems=problems)


def _unread(asked: Field, filled: frozenset[Field]) -> Reason | None:
    """Something else was answered: no complaint about the asked field."""
    if filled:
        return None
    return "not_found" if asked is Field.COUNTY else "not_understood"
