"""A town with social workers, an institution and families, for the tests of casework.

All people and institutions are invented.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import (
    applications,
    assessments,
    cases,
    consents,
    institutions,
    leaving,
    people,
    referrals,
    service,
    signing,
    steps,
    training,
)
from bot.casework.course_models import FIVE_ITEMS, PROFESSIONS, ServiceRecord
from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff
from bot.clock import LOCAL
from bot.delivery.models import OutboxMessage
from bot.installation import Installation

SIMING, HULI = "350203", "350206"
TERMS = {"content": "生活技能训练", "standard": "每周三次", "fee": "免费", "form": "日间"}
_numbers = itertools.count(1)


class Town:
    """What a test needs to walk a case; each method is one transaction."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.worker = self.staff("social_worker")
        self.supervisor = self.staff("supervisor")
        self.train(self.worker)

    @property
    def now(self) -> datetime:
        return self.installation.clock()

    @property
    def today(self) -> date:
        return self.now.astimezone(LOCAL).date()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self.installation.database.transaction() as session:
            yield session

    def staff(self, role: str, *, institution_id: int | None = None) -> Staff:
        with self.transaction() as session:
            made = Staff(
                username=f"staff-{next(_numbers)}",
                display_name="测试社工",
                role=role,
                institution_id=institution_id,
                password_hash="-",
                created_at=self.now,
            )
            session.add(made)
            return made

    def train(self, staff: Staff, *, valid_days: int = 365) -> None:
        with self.transaction() as session:
            training.record_training(
                session,
                staff_id=staff.id,
                kind="needs_assessment",
                passed_on=self.today - timedelta(days=30),
                valid_until=self.today + timedelta(days=valid_days),
                hours=20,
                certificate_number="测试-1",
                by="system:test",
                now=self.now,
            )

    def entry(self, name: str | None = None, **changes: Any) -> institutions.Entry:
        filled: dict[str, Any] = {
            "name": name or f"测试康复站{next(_numbers)}",
            "admission": "filing",
            "admission_number": "测试备〔2026〕1号",
            "valid_until": self.today + timedelta(days=700),
            "county_code": SIMING,
            "counties": (SIMING,),
            "address": "测试路1号",
            "telephone": "0592-0000000",
            "opening_hours": "周一至周五 8:30–17:00",
            "service_forms": ("day", "home"),
            "capacity": 5,
            "prices": (institutions.PriceLine("日间训练", 3500, "天"),),
        }
        return institutions.Entry(**{**filled, **changes})

    def institution(self, name: str | None = None, **changes: Any) -> Institution:
        with self.transaction() as session:
            return institutions.save_institution(
                session,
                institution_id=None,
                entry=self.entry(name, **changes),
                by="system:test",
                now=self.now,
            )

    def contact(self, openid: str | None = None) -> int:
        with self.transaction() as session:
            openid = openid or f"o-town-{next(_numbers)}"
            return people.contact_of(session, openid=openid, now=self.now).id

    def apply(self, **changes: Any) -> Case:
        """A mother, who is the guardian, applies for her grown son."""
        contact_id = self.contact()
        by = f"contact:{contact_id}"
        answers = {
            "relation": "parent",
            "patient_name": "测试甲",
            "birth_year": 1992,
            "county": SIMING,
            "service_forms": ["day"],
            "telephone": "13800000001",
            "is_guardian": "yes",
            "patient_consent": "reported",
            "guardian_consent": "given",
            **changes,
        }
        with self.transaction() as session:
            draft = applications.start_application(
                session, contact_id=contact_id, by=by, now=self.now
            )
            applications.save_answers(
                session, application=draft, answers=answers, by=by, now=self.now
            )
            for purpose, field in (
                ("rehabilitation_patient", "patient_consent"),
                ("rehabilitation_guardian", "guardian_consent"),
            ):
                if answers.get(field):
                    applications.record_consent(
                        session,
                        application=draft,
                        purpose=purpose,
                        state=answers[field],
                        said_by="parent",
                        by=by,
                        now=self.now,
                    )
            return cases.submit_application(
                session, application=draft, summary="测试甲", by=by, now=self.now
            )

    def do(
        self,
        action: Callable[..., Any],
        case: Case,
        *,
        staff: Staff | None = None,
        version: int | None = None,
        **fields: Any,
    ) -> Any:
        """One step by the social worker, on the case as it is now."""
        who = staff or self.worker
        with self.transaction() as session:
            return action(
                session,
                case_id=case.id,
                version=self.case(case).version if version is None else version,
                staff=session.get_one(Staff, who.id),
                by=f"staff:{who.id}",
                now=self.now,
                **fields,
            )

    def case(self, case: Case) -> Case:
        with self.transaction() as session:
            return session.get_one(Case, case.id)

    def agrees(self, case: Case, role: str, *, agrees: bool = True) -> None:
        """Patient or guardian say so to the social worker's face."""
        with self.transaction() as session:
            consents.take_down(
                session,
                case_id=case.id,
                role=role,
                agrees=agrees,
                way="in_person",
                staff=session.get_one(Staff, self.worker.id),
                by=f"staff:{self.worker.id}",
                now=self.now,
            )

    def sign_all(self, case: Case) -> None:
        """Everybody signs: on paper, for short."""
        with self.transaction() as session:
            referral = steps.open_referral(session, case.id)
            assert referral is not None
            worker = session.get_one(Staff, self.worker.id)
            for document in signing.documents_of(session, referral_id=referral.id):
                signers = ["patient", "guardian"]
                if document.kind == "service_agreement":
                    signers.append("institution")
                for signer in signers:
                    signing.record_paper_signature(
                        session,
                        document_id=document.id,
                        signer=signer,
                        staff=worker,
                        by=f"staff:{worker.id}",
                        now=self.now,
                    )

    def bring_to(self, stage: str, *, institution: Institution | None = None) -> Case:
        """A new case, walked to a stage by the usual way."""
        case = self.apply()
        way: list[tuple[str, Callable[[], Any]]] = [
            ("in_review", lambda: self.do(cases.claim_case, case)),
            ("accepted_for_assessment", lambda: self.do(cases.accept_for_assessment, case)),
            ("assessed", lambda: self.assess_needs(case)),
            ("waiting", lambda: self.register(case)),
            ("referred", lambda: self.refer(case, institution or self.institution())),
            ("under_assessment", lambda: self.do(referrals.accept_referral, case)),
            ("signing", lambda: self.assess_together(case)),
            ("in_service", lambda: self.start_service(case)),
            ("leaving", lambda: self.prepare_leaving(case)),
            ("closed", lambda: self.do(leaving.close, case, closed_on=self.today)),
        ]
        for reached, step in way:
            if self.case(case).stage == stage:
                break
            step()
            assert self.case(case).stage == reached
        assert self.case(case).stage == stage
        return self.case(case)

    def assess_needs(self, case: Case, **changes: Any) -> Any:
        fields = {"reasons": "生活自理需要帮助", "service_forms": ["day"], **changes}
        return self.do(assessments.assess_needs, case, **fields)

    def register(self, case: Case) -> Any:
        if self.case(case).patient_needed:
            self.agrees(case, "patient")
        number = f"测试平台{next(_numbers)}"
        return self.do(assessments.register, case, number=number, registered_on=self.today)

    def refer(self, case: Case, institution: Institution) -> Any:
        return self.do(referrals.refer, case, institution_id=institution.id)

    def assess_together(self, case: Case, **changes: Any) -> Any:
        fields = {
            "participants": dict.fromkeys(PROFESSIONS, "测试某"),
            "opinion": "适合日间康复",
            **changes,
        }
        return self.do(referrals.assess_together, case, **fields)

    def start_service(self, case: Case) -> Any:
        self.do(signing.prepare_documents, case, terms=TERMS)
        self.sign_all(case)
        return self.do(service.start_service, case)

    def assess_again(self, case: Case, *, ready: bool) -> Any:
        items = dict.fromkeys(FIVE_ITEMS, "平稳")
        return self.do(service.assess_again, case, items=items, ready_to_leave=ready)

    def prepare_leaving(self, case: Case) -> Any:
        self.assess_again(case, ready=True)
        return self.do(
            leaving.prepare_leaving, case, onward_to="sheltered_employment", details="测试工坊"
        )

    def record(self, case: Case, **changes: Any) -> ServiceRecord:
        fields = {
            "source_key": f"test:{next(_numbers)}",
            "provided_on": self.today,
            "minutes": 60,
            "form": "day",
            "content": "一起做饭",
            **changes,
        }
        with self.transaction() as session:
            return service.record_service(
                session,
                case_id=case.id,
                staff=session.get_one(Staff, self.worker.id),
                by=f"staff:{self.worker.id}",
                now=self.now,
                **fields,
            )

    def told(self, contact_id: int) -> list[str]:
        """What was sent to a contact, oldest first."""
        with self.transaction() as session:
            rows = session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.contact_id == contact_id)
                .order_by(OutboxMessage.id)
            )
            return [row.body["text"] for row in rows]
