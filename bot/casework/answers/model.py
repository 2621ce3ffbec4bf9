"""What an answer can say: the shapes that `read_answers` returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

AGE_OF_OWN_CONSENT = 14
"""Below it the guardian alone consents: 个人信息保护法 31."""


class Field(StrEnum):
    """What the application asks for."""

    RELATION = "relation"
    PATIENT_NAME = "patient_name"
    BIRTH_YEAR = "birth_year"
    COUNTY = "county"
    HOSPITAL_ADVICE = "hospital_advice"
    SERVICE_FORMS = "service_forms"
    TELEPHONE = "telephone"
    CONSENT = "consent"
    CONFIRMATION = "confirmation"
    GUARDIAN = "guardian"


class Relation(StrEnum):
    """Who the applicant is to the patient."""

    SELF = "self"
    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    OTHER_RELATIVE = "other_relative"
    NEIGHBOUR = "neighbour"
    FRIEND = "friend"
    COMMITTEE = "committee"
    EMPLOYER = "employer"
    SCHOOL = "school"
    PROFESSIONAL = "professional"
    OTHER = "other"

    @property
    def third_party(self) -> bool:
        """Reports a need instead of applying (闽民事〔2023〕86号 三5): becomes a lead."""
        return self in _THIRD_PARTIES


_THIRD_PARTIES = frozenset(
    {
        Relation.NEIGHBOUR,
        Relation.FRIEND,
        Relation.COMMITTEE,
        Relation.EMPLOYER,
        Relation.SCHOOL,
        Relation.PROFESSIONAL,
        Relation.OTHER,
    }
)


class HospitalAdvice(StrEnum):
    """What a doctor or a discharge summary said about community rehabilitation."""

    ADVISED = "advised"
    NOT_MENTIONED = "not_mentioned"
    ADVISED_AGAINST = "advised_against"
    UNKNOWN = "unknown"


class ServiceForm(StrEnum):
    """Forms of service (闽民事〔2023〕86号 三11), in the order in which they are offered."""

    DAY = "day"
    HOME = "home"
    PEER_SUPPORT = "peer_support"
    FAMILY_EXCHANGE = "family_exchange"
    OUTREACH = "outreach"


class Decision(StrEnum):
    """An answer to a question for consent or confirmation. Only YES is a yes."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not_yet"
    UNCLEAR = "unclear"


class Command(StrEnum):
    BACK = "back"
    PAUSE = "pause"
    RESTART = "restart"
    CANCEL = "cancel"
    CONTINUE = "continue"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """One field as it was read: a value, or candidates to ask back about. Never both."""

    value: T | None = None
    candidates: tuple[T, ...] = ()


Gender = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Kinship:
    """The applicant's relation to the patient, and the patient in the applicant's words (弟弟)."""

    relation: Relation
    patient_term: str = ""
    patient_gender: Gender | None = None

    @property
    def third_party(self) -> bool:
        return self.relation.third_party


BirthBasis = Literal["age", "nominal_age", "year", "date", "identity_number", "zodiac"]


@dataclass(frozen=True, slots=True)
class Birth:
    """A year of birth and what it rests on.

    From an age the year may be one too late, from a nominal age (虚岁) one too early.
    """

    year: int
    basis: BirthBasis
    born_on: date | None = None
    age: int | None = None
    """As said, for the bases that are an age."""

    def under_14(self, today: date) -> bool | None:
        """Whether the patient is under 14; None where the day of birth decides and is not known."""
        if self.born_on:
            had_birthday = (today.month, today.day) >= (self.born_on.month, self.born_on.day)
            return today.year - self.born_on.year - (not had_birthday) < AGE_OF_OWN_CONSENT
        if self.basis == "age" and self.age is not None:
            return self.age < AGE_OF_OWN_CONSENT
        oldest = today.year - self.year
        if oldest < AGE_OF_OWN_CONSENT:
            return True
        return None if oldest == AGE_OF_OWN_CONSENT else False


@dataclass(frozen=True, slots=True)
class ServiceForms:
    """Wanted forms. `any_form`: whatever there is; `unknown`: does not know them."""

    wanted: tuple[ServiceForm, ...] = ()
    unwanted: tuple[ServiceForm, ...] = ()
    any_form: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """What the writer decides, and what is told of the patient's own wish (None: nothing)."""

    writer: Decision | None
    patient: Decision | None = None


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who the guardian is. `relation`: to the patient, where it is somebody else."""

    who: Literal["applicant", "other", "none", "unknown"]
    relation: Relation | None = None
    term: str = ""


Reason = Literal[
    "question",
    "declined",
    "not_understood",
    "which_relative",
    "which_side",
    "withheld",
    "nickname",
    "whose_name",
    "several",
    "implausible",
    "in_future",
    "vague",
    "whose_age",
    "ambiguous",
    "zodiac_mismatch",
    "identity_number_mistyped",
    "only_province",
    "only_city",
    "not_found",
    "too_short",
    "too_long",
    "no_area_code",
    "not_a_number",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field could not be read, or what to check about it."""

    field: Field
    reason: Reason


@dataclass(frozen=True, slots=True)
class Answers:
    """All that one message says. `corrects`: fields the writer says were wrong before."""

    relation: Reading[Kinship] | None = None
    patient_name: Reading[str] | None = None
    birth: Reading[Birth] | None = None
    county: Reading[str] | None = None
    """Codes of divisions; a value is a county, or a city that has none."""
    hospital_advice: HospitalAdvice | None = None
    service_forms: ServiceForms | None = None
    telephone: Reading[str] | None = None
    """A mobile number in 11 figures, a landline as 0592-5550000."""
    consent: Consent | None = None
    confirmation: Decision | None = None
    guardian: Guardian | None = None
    command: Command | None = None
    corrects: frozenset[Field] = frozenset()
    problems: tuple[Problem, ...] = ()
