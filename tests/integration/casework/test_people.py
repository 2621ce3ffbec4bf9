"""Who is who to a case: three facts, each with how it is known."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework import consents, listing, people
from bot.casework.course_models import Binding, BindingCode
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case
from tests.conftest import MovableClock
from tests.integration.casework.town import Town


def bind(town: Town, case: Case, contact_id: int, role: str, verified: str = "said") -> Binding:
    with town.transaction() as session:
        return people.bind(
            session,
            case_id=case.id,
            contact_id=contact_id,
            role=role,
            verified=verified,
            by="staff:1",
            now=town.now,
        )


def roles(town: Town, case: Case, contact_id: int) -> frozenset[str]:
    with town.transaction() as session:
        return people.roles_of(session, case_id=case.id, contact_id=contact_id)


def code(town: Town, case: Case, role: str = "caregiver") -> str:
    with town.transaction() as session:
        return people.make_code(session, case_id=case.id, role=role, by="staff:1", now=town.now)


def use(town: Town, typed: str, contact_id: int) -> Binding:
    with town.transaction() as session:
        return people.bind_by_code(
            session, code=typed, contact_id=contact_id, by=f"contact:{contact_id}", now=town.now
        )


def test_the_applicant_is_what_they_said(town: Town) -> None:
    mother = town.apply()
    assert roles(town, mother, mother.contact_id) == {"caregiver", "guardian"}
    sister = town.apply(is_guardian="no", guardian_consent=None)
    assert roles(town, sister, sister.contact_id) == {"caregiver"}
    own = town.apply(relation="self", is_guardian=None, guardian_consent=None)
    assert roles(town, own, own.contact_id) == {"patient"}
    with town.transaction() as session:
        assert set(session.scalars(select(Binding.verified))) == {"said"}


def test_several_caregivers_but_one_guardian_and_one_patient(town: Town) -> None:
    case = town.apply()
    for _ in range(2):
        bind(town, case, town.contact(), "caregiver")
    bind(town, case, town.contact(), "patient")
    for role, word in (("guardian", "监护人"), ("patient", "患者本人")):
        with pytest.raises(Refused, match=word):
            bind(town, case, town.contact(), role)
    with town.transaction() as session:
        assert len(people.bindings_of(session, case_id=case.id)) == 5


def test_what_was_proven_is_not_weakened(town: Town) -> None:
    case = town.apply()
    binding = bind(town, case, case.contact_id, "guardian", "document")
    assert bind(town, case, case.contact_id, "guardian", "code").verified == "document"
    with town.transaction() as session:
        seen = people.verify(
            session, binding_id=binding.id, verified="in_person", by="staff:1", now=town.now
        )
        assert seen.verified == "in_person"


def test_who_was_unbound_sees_nothing_and_may_be_bound_anew(town: Town) -> None:
    case = town.apply()
    other = town.contact()
    binding = bind(town, case, other, "caregiver")
    with town.transaction() as session:
        assert [found.id for found in listing.cases_of_contact(session, contact_id=other)] == [
            case.id
        ]
        people.unbind(session, binding_id=binding.id, by="staff:1", now=town.now)
    with town.transaction() as session:
        assert listing.cases_of_contact(session, contact_id=other) == []
    with pytest.raises(Conflict), town.transaction() as session:
        people.unbind(session, binding_id=binding.id, by="staff:1", now=town.now)
    assert bind(town, case, other, "caregiver").id != binding.id


@pytest.mark.parametrize(
    "typed", [str.lower, lambda c: f" {c[:4]}-{c[4:]} ", lambda c: c.translate(WIDE)]
)
def test_a_code_is_read_as_people_type_it(town: Town, typed: object) -> None:
    case, phone = town.apply(), town.contact()
    assert callable(typed)
    assert use(town, typed(code(town, case)), phone).verified == "code"


WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in people.CODE_LETTERS}


def test_a_code_works_once_and_for_three_days(town: Town, clock: MovableClock) -> None:
    case = town.apply()
    once, late = code(town, case), code(town, case)
    use(town, once, town.contact())
    with pytest.raises(Refused) as used:
        use(town, once, town.contact())
    clock.move(days=3)
    with pytest.raises(Refused) as expired:
        use(town, late, town.contact())
    with pytest.raises(Refused) as unknown:
        use(town, "", town.contact())
    # One sentence for all: a guess learns nothing.
    assert str(used.value) == str(expired.value) == str(unknown.value)
    with town.transaction() as session:
        assert people.forget_codes(session, now=town.now) == 2


def test_only_a_hash_of_the_code_is_kept(town: Town) -> None:
    case = town.apply()
    made = code(town, case)
    with town.transaction() as session:
        row = session.scalars(select(BindingCode)).one()
    assert made.encode() not in row.code_index
    assert len(set(made)) > 1
    assert code(town, case) != made


def test_consent_comes_from_the_one_whose_it_is(town: Town) -> None:
    case = town.apply(patient_consent="reported")
    son = town.contact()
    with pytest.raises(Refused, match="不能代替"):
        _consent(town, case, case.contact_id, "patient")
    with pytest.raises(Refused):
        _consent(town, case, son, "patient")
    use(town, code(town, case, "patient"), son)
    version = town.case(case).version
    _consent(town, case, son, "patient")
    assert town.case(case).version == version + 1  # who has the page open must look again
    assert any("同意记下了" in text for text in town.told(case.contact_id))


def _consent(town: Town, case: Case, contact_id: int, role: str) -> None:
    with town.transaction() as session:
        consents.give(
            session,
            case_id=case.id,
            role=role,
            contact_id=contact_id,
            by=f"contact:{contact_id}",
            now=town.now,
        )
