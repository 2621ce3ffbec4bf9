"""Tables of what happens to a case after its application: assessment to closure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.casework.institution_models import Institution
from bot.casework.models import Case
from bot.casework.stages import OUTCOMES
from bot.db.base import Base, BlindIndex, Id, Moment, one_of
from bot.privacy.fields import SealedJson, SealedText

PROFESSIONS = {
    "psychiatrist": "精神科医生",
    "nurse": "护士",
    "therapist": "康复师",
    "social_worker": "社工",
}
"""Who takes part in a comprehensive assessment. Source: 闽民事〔2023〕86号 三(二)6."""
REFERRAL_STATES = ("sent", "accepted", "declined", "ended")
OPEN_REFERRAL = "state IN ('sent', 'accepted')"
DOCUMENT_KINDS = {"consent_form": "知情同意书", "service_agreement": "服务协议"}
SIGNERS = {"patient": "患者本人", "guardian": "监护人", "institution": "机构"}
SIGNED_WAYS = ("page", "paper")
FIVE_ITEMS = {
    "effect": "康复效果",
    "illness": "疾病状态",
    "self_care": "生活自理能力",
    "wish_to_work": "就业意愿",
    "ability_to_work": "就业能力",
}
"""What a periodic assessment looks at. Source: 闽民事〔2023〕86号 三(二)7."""
BINDING_ROLES = {"patient": "患者本人", "caregiver": "照护者", "guardian": "监护人"}
VERIFIED = {
    "said": "自己说的",
    "code": "凭一次性绑定码",
    "document": "看过证件",
    "in_person": "当面核对过",
}
"""How it is known that a contact is who it says to be."""


class NeedsAssessment(Base):
    """A social worker's finding of what the patient needs. Source: 闽民事〔2023〕86号 三(二)5."""

    __tablename__ = "needs_assessment"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    """The training that entitles the signer (同上 三(四)13)."""
    at: Mapped[Moment]
    reasons: Mapped[str] = mapped_column(SealedText("needs_assessment.reasons"))
    service_forms: Mapped[list[str]] = mapped_column(SealedJson("needs_assessment.service_forms"))
    """Forms of service that were found to fit."""


class PlatformRegistration(Base):
    """What a social worker typed back from the national platform; it has no interface."""

    __tablename__ = "platform_registration"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    registered_on: Mapped[date]
    closed_on: Mapped[date | None]
    """The day on which the closure was registered there."""


class Recheck(Base):
    """Willingness and situation asked again of somebody who has waited for three months.

    Source: 闽民事〔2023〕86号 三(二)6.
    """

    __tablename__ = "recheck"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    by: Mapped[str]
    at: Mapped[Moment]
    situation: Mapped[str] = mapped_column(SealedText("recheck.situation"))


class Referral(Base):
    """A patient handed to an institution; while it is open it takes a place there.

    A case has at most one open referral; the database counts the institution's places.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(one_of("state", REFERRAL_STATES), name="state"),
        Index("uq_referral_open", "case_id", unique=True, postgresql_where=text(OPEN_REFERRAL)),
        Index(None, "case_id", "id"),
        Index(None, "institution_id", "state", "sent_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    state: Mapped[str] = mapped_column(default="sent")
    sent_at: Mapped[Moment]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(SealedText("referral.reason"))
    """Why it was declined or ended."""

    case: Mapped[Case] = relationship(lazy="raise")
    institution: Mapped[Institution] = relationship(lazy="raise")


class ComprehensiveAssessment(Base):
    """The rehabilitation opinion of several professions. Source: 闽民事〔2023〕86号 三(二)6."""

    __tablename__ = "comprehensive_assessment"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), unique=True)
    at: Mapped[Moment]
    participants: Mapped[dict[str, str]] = mapped_column(
        SealedJson("comprehensive_assessment.participants")
    )
    """Profession (`PROFESSIONS`) to name."""
    opinion: Mapped[str] = mapped_column(SealedText("comprehensive_assessment.opinion"))


class Document(Base):
    """An informed consent form or a service agreement, to be signed by each person.

    Terms say content, standard and fee of the service. Source: 闽民事〔2023〕86号 三(二)6,
    攀民政〔2020〕132号 二(四).
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(one_of("kind", tuple(DOCUMENT_KINDS)), name="kind"),
        Index(
            "uq_document_current",
            "referral_id",
            "kind",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index(None, "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    kind: Mapped[str]
    text_version: Mapped[str]
    """Version of the wording, see `bot.casework.consent_texts`."""
    terms: Mapped[dict[str, Any]] = mapped_column(SealedJson("document.terms"))
    """``{"content": …, "standard": …, "fee": …, "form": …}``."""
    prepared_at: Mapped[Moment]
    superseded_at: Mapped[datetime | None]
    """When other terms took its place; what was signed is kept as it was."""

    signatures: Mapped[list[Signature]] = relationship(lazy="raise")


class Signature(Base):
    """One person's signature under one document, on the own phone or on paper."""

    __tablename__ = "signature"
    __table_args__ = (
        CheckConstraint(one_of("signer", tuple(SIGNERS)), name="signer"),
        CheckConstraint(one_of("way", SIGNED_WAYS), name="way"),
        Index("uq_signature_document_id_signer", "document_id", "signer", unique=True),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    signer: Mapped[str]
    way: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    """The WeChat account that signed; None for paper and for the institution."""
    by: Mapped[str]
    at: Mapped[Moment]


class ServicePeriod(Base):
    """A time in which an institution serves the patient. A case has at most one open."""

    __tablename__ = "service_period"
    __table_args__ = (
        Index(
            "uq_service_period_open",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "case_id", "id"),
        Index(
            "ix_service_period_assessment_due",
            "assessment_due_on",
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    started_at: Mapped[Moment]
    ended_at: Mapped[datetime | None]
    assessment_due_on: Mapped[date]
    """The next periodic assessment."""
    onward_to: Mapped[str | None]
    """Where the patient is to go (`bot.casework.stages.ONWARD`), once leaving is prepared."""
    onward_details: Mapped[str | None] = mapped_column(SealedText("service_period.onward_details"))


class ServiceRecord(Base):
    """One service that was given; the family confirms it, or says that it was otherwise.

    Source: 闽民事〔2023〕86号 三(六)17 (electronic records as the ground of supervision).
    """

    __tablename__ = "service_record"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        CheckConstraint("confirmed_at IS NULL OR disputed_at IS NULL", name="answer"),
        Index(None, "case_id", "provided_on"),
        Index("uq_service_record_source_key", "source_key", unique=True),
    )

    id: Mapped[Id]
    source_key: Mapped[str]
    """Made twice from one form, it exists once."""
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    period_id: Mapped[int] = mapped_column(ForeignKey("service_period.id"))
    provided_on: Mapped[date]
    minutes: Mapped[int]
    form: Mapped[str]
    """One of `bot.casework.application_form.SERVICE_FORMS`."""
    content: Mapped[str] = mapped_column(SealedText("service_record.content"))
    recorded_by: Mapped[str]
    recorded_at: Mapped[Moment]
    confirmed_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))


class PeriodicAssessment(Base):
    """The five items looked at again during service. Source: 闽民事〔2023〕86号 三(二)7."""

    __tablename__ = "periodic_assessment"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    period_id: Mapped[int] = mapped_column(ForeignKey("service_period.id"))
    at: Mapped[Moment]
    by: Mapped[str]
    items: Mapped[dict[str, str]] = mapped_column(SealedJson("periodic_assessment.items"))
    """Item (`FIVE_ITEMS`) to finding."""
    ready_to_leave: Mapped[bool]


class Relapse(Base):
    """The illness came back during service: the green channel. Source: 同上 三(二)6."""

    __tablename__ = "relapse"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    signs: Mapped[str] = mapped_column(SealedText("relapse.signs"))
    hospital: Mapped[str]
    back_at: Mapped[datetime | None]


class Relocation(Base):
    """The patient moves; with the family's agreement the new institution is informed.

    Source: 闽民事〔2023〕86号 三(二)6.
    """

    __tablename__ = "relocation"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    from_county: Mapped[str]
    to_county: Mapped[str]
    agreed: Mapped[bool]
    """The family agrees that its papers go to the institution at the new home."""


class Closure(Base):
    """How a case ended. Reopened, it keeps the row: the next closure is another."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint(one_of("outcome", tuple(OUTCOMES)), name="outcome"),
        Index(None, "case_id", "id"),
        Index(None, "at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    outcome: Mapped[str]
    details: Mapped[str] = mapped_column(SealedText("closure.details"))
    """Where to and with whom it was arranged, or why it ended."""
    reopened_at: Mapped[datetime | None]


class Binding(Base):
    """One fact about a contact and a case: it is the patient, a caregiver, the guardian.

    The three are separate; one contact may be several, one case may have several caregivers.
    """

    __tablename__ = "binding"
    __table_args__ = (
        CheckConstraint(one_of("role", tuple(BINDING_ROLES)), name="role"),
        CheckConstraint(one_of("verified", tuple(VERIFIED)), name="verified"),
        Index(
            "uq_binding_current",
            "case_id",
            "contact_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "contact_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    role: Mapped[str]
    verified: Mapped[str]
    """`VERIFIED`, weakest first."""
    verified_by: Mapped[str]
    at: Mapped[Moment]
    ended_at: Mapped[datetime | None]


class BindingCode(Base):
    """A code by which somebody's phone is bound to a case; only its keyed hash is kept."""

    __tablename__ = "binding_code"
    __table_args__ = (
        CheckConstraint(one_of("role", tuple(BINDING_ROLES)), name="role"),
        Index(None, "case_id"),
        Index(None, "expires_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    role: Mapped[str]
    code_index: Mapped[BlindIndex] = mapped_column(unique=True)
    made_by: Mapped[str]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None]
