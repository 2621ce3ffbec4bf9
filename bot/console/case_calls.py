"""The calls behind the desk's actions: from what was typed to casework.

Each takes a `Doing` and raises what casework raises; `bot.console.case_actions` has the forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot import places
from bot.care import plans
from bot.care import queries as care
from bot.casework import (
    assessments,
    consents,
    leaving,
    people,
    referrals,
    service,
    signing,
    tickets,
)
from bot.casework.course_models import FIVE_ITEMS, PROFESSIONS
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Staff
from bot.console.words import typed_text

LONGEST = 2000
ROLES_BY_CODE = {"patient": "患者本人", "guardian": "监护人", "caregiver": "另一位照护者"}


@dataclass(frozen=True)
class Doing:
    """One action under way: who, on which case as seen in which version, with what typed."""

    session: Session
    case_id: int
    version: int
    staff: Staff
    by: str
    now: datetime
    said: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        text = typed_text((self.said.get(name) or [""])[0])
        if len(text) > LONGEST:
            raise Refused(f"最多 {LONGEST} 个字，请写短一些。")
        return text

    def many(self, name: str) -> list[str]:
        return [value for value in self.said.get(name, []) if value]

    def number(self, name: str, sentence: str) -> int:
        text = self.text(name)
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise Refused(sentence)
        return int(text)

    def day(self, name: str) -> date:
        found = self.day_or_none(name)
        if found is None:
            raise Refused("请选日期。")
        return found

    def day_or_none(self, name: str) -> date | None:
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise Refused("日期没有看懂，请写成 2026-11-24 这样。") from error

    def id_of(self, name: str) -> int:
        return self.number(name, "请选一个。")


def assess_needs(do: Doing) -> None:
    assessments.assess_needs(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        reasons=do.text("reasons"),
        service_forms=do.many("service_forms"),
        by=do.by,
        now=do.now,
    )


def register(do: Doing) -> None:
    assessments.register(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        number=do.text("number"),
        registered_on=do.day("registered_on"),
        by=do.by,
        now=do.now,
    )


def recheck(do: Doing) -> None:
    assessments.recheck(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        situation=do.text("situation"),
        by=do.by,
        now=do.now,
    )


def refuse(do: Doing) -> None:
    assessments.refuse(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        reason=do.text("reason"),
        by=do.by,
        now=do.now,
    )


def refer(do: Doing) -> None:
    referrals.refer(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        institution_id=do.number("institution_id", "请选一家机构。"),
        by=do.by,
        now=do.now,
    )


def decline(do: Doing) -> None:
    referrals.decline_referral(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        reason=do.text("reason"),
        by=do.by,
        now=do.now,
    )


def assess_together(do: Doing) -> None:
    referrals.assess_together(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        participants={key: do.text(key) for key in PROFESSIONS},
        opinion=do.text("opinion"),
        by=do.by,
        now=do.now,
    )


def prepare_documents(do: Doing) -> None:
    signing.prepare_documents(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        terms={key: do.text(key) for key in signing.TERMS},
        by=do.by,
        now=do.now,
    )


def paper_signature(do: Doing) -> None:
    document, _, signer = do.text("document").partition(":")
    if not document.isdigit():
        raise Refused("请选是哪份文件、谁签的字。")
    signing.record_paper_signature(
        do.session,
        document_id=int(document),
        signer=signer,
        staff=do.staff,
        by=do.by,
        now=do.now,
    )


def record_service(do: Doing) -> None:
    service.record_service(
        do.session,
        case_id=do.case_id,
        source_key=f"desk:{do.case_id}:{do.text('key')[:40]}",
        provided_on=do.day("provided_on"),
        minutes=do.number("minutes", "时长请填分钟数，1到1440。"),
        form=do.text("form"),
        content=do.text("content"),
        staff=do.staff,
        by=do.by,
        now=do.now,
    )


def assess_again(do: Doing) -> None:
    service.assess_again(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        items={key: do.text(key) for key in FIVE_ITEMS},
        ready_to_leave=do.text("ready_to_leave") == "yes",
        by=do.by,
        now=do.now,
    )


def go_to_hospital(do: Doing) -> None:
    service.go_to_hospital(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        signs=do.text("signs"),
        hospital=do.text("hospital"),
        by=do.by,
        now=do.now,
    )


def prepare_leaving(do: Doing) -> None:
    leaving.prepare_leaving(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        onward_to=do.text("onward_to"),
        details=do.text("details"),
        by=do.by,
        now=do.now,
    )


def close(do: Doing) -> None:
    leaving.close(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        closed_on=do.day("closed_on"),
        by=do.by,
        now=do.now,
    )


def end(do: Doing) -> None:
    leaving.end(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        outcome=do.text("outcome"),
        reason=do.text("reason"),
        closed_on=do.day_or_none("closed_on"),
        by=do.by,
        now=do.now,
    )
    if do.text("outcome") == "died":
        _stop_reminders(do)


def _stop_reminders(do: Doing) -> None:
    """No reminder may come after a death; nor may somebody else's stop because of it."""
    found = care.patients_of_case(do.session, case_id=do.case_id)
    joined = [patient for patient in found if patient.case_id == do.case_id]
    # Who has an account of their own is the caregiver: they take medicine, too.
    others = [patient for patient in found if patient not in joined and patient.contact_id is None]
    for patient in joined or (others if len(others) == 1 else ()):
        plans.stop_everything(do.session, patient_id=patient.id, why="death", by=do.by, now=do.now)
    if not joined and len(others) > 1:
        tickets.open_ticket(
            do.session,
            source_key=f"death:{do.case_id}",
            kind="medication",
            urgency="urgent",
            summary="患者去世了，这位家属在小康里照顾着好几个人。请马上核对提醒，别再响，也别停错人。",
            by=do.by,
            now=do.now,
            case_id=do.case_id,
        )


def relocate(do: Doing) -> None:
    typed = do.text("to_county")
    codes = {match.code for match in places.find(typed, near=None, expected=True)}
    counties = [code for code in codes if (place := places.get(code)) and place.level == "county"]
    if len(counties) > 1:
        names = [place.full_name for place in map(places.get, counties) if place]
        raise Refused(f"同名的地方有几个，请写全：{'、'.join(sorted(names))}。")
    if not counties:
        raise Refused("没有找到这个县（区、市），请写全，比如“福建省厦门市湖里区”。")
    leaving.relocate(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        to_county=counties[0],
        agreed=do.text("agreed") == "yes",
        by=do.by,
        now=do.now,
    )


def reopen(do: Doing) -> None:
    leaving.reopen(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        reason=do.text("reason"),
        by=do.by,
        now=do.now,
    )


def take_down(do: Doing) -> None:
    consents.take_down(
        do.session,
        case_id=do.case_id,
        role=do.text("role"),
        agrees=do.text("agrees") == "yes",
        way=do.text("way"),
        staff=do.staff,
        by=do.by,
        now=do.now,
    )


def no_guardian(do: Doing) -> None:
    consents.note_no_guardian(
        do.session,
        case_id=do.case_id,
        version=do.version,
        staff=do.staff,
        reason=do.text("reason"),
        by=do.by,
        now=do.now,
    )


def make_code(do: Doing) -> str:
    role = do.text("role")
    if role not in ROLES_BY_CODE:
        raise Refused("请选是给谁的。")
    return people.make_code(do.session, case_id=do.case_id, role=role, by=do.by, now=do.now)


def verify(do: Doing) -> None:
    own_binding(do)
    if do.text("verified") not in ("document", "in_person"):
        raise Refused("请选怎么核对的。")
    people.verify(
        do.session,
        binding_id=do.id_of("binding"),
        verified=do.text("verified"),
        by=do.by,
        now=do.now,
    )


def unbind(do: Doing) -> None:
    own_binding(do)
    people.unbind(do.session, binding_id=do.id_of("binding"), by=do.by, now=do.now)


def own_binding(do: Doing) -> None:
    bound = {binding.id for binding in people.bindings_of(do.session, case_id=do.case_id)}
    if do.id_of("binding") not in bound:
        raise Conflict("这个绑定已经解开了。")


def plain(call: Callable[..., object]) -> Callable[[Doing], None]:
    """A step without anything to fill in."""

    def run(do: Doing) -> None:
        call(
            do.session,
            case_id=do.case_id,
            version=do.version,
            staff=do.staff,
            by=do.by,
            now=do.now,
        )

    return run
