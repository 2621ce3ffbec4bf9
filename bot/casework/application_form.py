"""The application form: its questions, what follows from an answer, and the summary.

Pure: it knows answers, not messages. Answers are a dictionary from field name to a plain JSON
value; what is missing was not asked yet, and ``None`` means "asked, and left open by the family".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import places
from bot.casework import consent_texts

Answers = Mapping[str, Any]

CHILD_AGE = 14
"""Below it only the guardian decides (个人信息保护法 31)."""

FIELDS = (
    "relation",
    "patient_name",
    "birth_year",
    "county",
    "hospital_advice",
    "service_forms",
    "telephone",
    "is_guardian",
    "guardian_consent",
    "patient_consent",
    "confirmation",
)
"""In the order in which they are asked."""

LABELS = {
    "relation": "您和患者的关系",
    "patient_name": "患者姓名",
    "birth_year": "出生年份",
    "county": "住在",
    "hospital_advice": "医院的建议",
    "service_forms": "想要的服务",
    "telephone": "联系电话",
    "is_guardian": "您是监护人",
    "guardian_consent": "监护人同意",
    "patient_consent": "本人意愿",
}
OPTIONAL = ("hospital_advice", "service_forms", "birth_year")
"""May be left open: the social worker asks again."""

RELATIONS = {
    "self": "本人",
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母",
    "grandchild": "孙辈",
    "other_relative": "亲戚",
    "neighbour": "邻居",
    "friend": "朋友",
    "committee": "村（居）委会",
    "employer": "单位",
    "school": "学校",
    "professional": "医生或社工",
    "other": "其他人",
}
"""Who the applicant is to the patient; the keys are those of `bot.casework.answers.Relation`."""
THIRD_PARTIES = (
    "neighbour",
    "friend",
    "committee",
    "employer",
    "school",
    "professional",
    "other",
)

HOSPITAL_ADVICE = {
    "advised": "建议过",
    "not_mentioned": "没提过",
    "advised_against": "医生说先不要",
    "unknown": "不清楚",
}
SERVICE_FORMS = {
    "day": "白天去机构（日间）",
    "home": "在家里做（居家）",
    "peer_support": "同伴支持",
    "family_exchange": "家庭交流",
    "outreach": "社工上门走访",
    "any": "都可以",
}
"""Source: 闽民事〔2023〕86号 三(三)11."""
CONSENT_WORDS = {
    "given": "同意",
    "reported": "家属说愿意（社工会当面再问）",
    "refused": "不愿意",
    "awaited": "还没有表示",
}


@dataclass(frozen=True)
class Question:
    """What is asked for one field; ``choices`` may be tapped or typed by number."""

    text: str
    choices: tuple[str, ...] = ()


def age(answers: Answers, *, today: date) -> int | None:
    """The age in this year, or None when the year of birth is open."""
    year = answers.get("birth_year")
    return today.year - year if isinstance(year, int) else None


def is_child(answers: Answers, *, today: date) -> bool:
    """Under 14, as far as the year of birth tells; in doubt a child."""
    if answers.get("under_14") is not None:
        return bool(answers["under_14"])
    years = age(answers, today=today)
    return years is not None and years - 1 < CHILD_AGE


def is_third_party(answers: Answers) -> bool:
    """The applicant is neither patient nor family: only a lead can be taken."""
    return answers.get("relation") in THIRD_PARTIES


def next_field(answers: Answers, *, today: date) -> str | None:
    """The field to ask next, or None when everything is confirmed."""
    for field in FIELDS:
        if field not in answers and _applies(field, answers, today=today):
            return field
    return None


def _applies(field: str, answers: Answers, *, today: date) -> bool:
    own = answers.get("relation") == "self"
    if field == "is_guardian":
        return not own
    if field == "guardian_consent":
        return answers.get("is_guardian") == "yes"
    if field == "patient_consent":
        return own or not is_child(answers, today=today)
    return True


def question(field: str, answers: Answers, *, today: date) -> Question:
    """The question for a field, in words that fit what is known."""
    patient = answers.get("patient_name") or "患者"
    own = answers.get("relation") == "self"
    whose = "您" if own else patient
    if field == "relation":
        return Question("您是患者的什么人？比如：妈妈、爸爸、爱人、哥哥，或者就是患者本人。")
    if field == "patient_name":
        return Question("您叫什么名字？" if own else "患者叫什么名字？")
    if field == "birth_year":
        return Question(f"{whose}是哪一年出生的？说年龄也行，比如“34岁”。")
    if field == "county":
        return Question(f"{whose}现在住在哪个县（区、市）？比如“思明区”。")
    if field == "hospital_advice":
        return Question("医院或医生有没有建议过做社区康复？", ("建议过", "没提过", "不清楚"))
    if field == "service_forms":
        return Question(
            "想要哪种服务？可以选几个，比如“1和3”。",
            ("白天去机构", "在家里做", "同伴支持", "家庭交流", "社工上门", "都可以，听社工的"),
        )
    if field == "telephone":
        return Question("社工打哪个电话找您方便？")
    if field == "is_guardian":
        return Question(
            f"您是{patient}的监护人吗？一般是配偶、父母或成年子女；不清楚也没关系。",
            ("是", "不是", "不清楚"),
        )
    if field == "guardian_consent":
        text = (
            consent_texts.GUARDIAN_OF_CHILD
            if is_child(answers, today=today)
            else consent_texts.GUARDIAN
        )
        return Question(text.format(patient=patient), ("同意", "不同意"))
    if field == "patient_consent":
        if own:
            return Question(consent_texts.PATIENT_SELF, ("愿意", "不愿意"))
        return Question(
            consent_texts.PATIENT_BY_OTHERS.format(patient=patient),
            ("愿意", "不愿意", "还没问过"),
        )
    return Question(
        summary(answers)
        + "\n\n都对吗？对的话回复“确认”，我就交给社工。哪里不对直接说，比如“电话错了，是139……”。",
    )


EXAMPLES = {
    "relation": "比如回答“我是他妈妈”，或者“我就是本人”。",
    "patient_name": "回答名字就行，比如“王小明”。",
    "birth_year": "比如“1990年”或者“34岁”。",
    "county": "请说到县或区，比如“思明区”“仁和区”。",
    "hospital_advice": "回答“建议过”“没提过”或者“不清楚”都行。",
    "service_forms": "回复前面的数字就行，比如“1和5”；拿不准就回“都可以”。",
    "telephone": "请写11位手机号，或者带区号的座机，比如0592开头。",
    "is_guardian": "回答“是”“不是”或者“不清楚”。",
    "guardian_consent": "同意就回“同意”，不同意就回“不同意”。",
    "patient_consent": "回答“愿意”“不愿意”，或者“还没问过”。",
    "confirmation": "都对就回“确认”；哪里不对，直接说哪里不对。",
}
"""Said when an answer could not be read."""


def summary(answers: Answers) -> str:
    """Everything that will be handed to the social worker, as the family confirms it."""
    rows = [f"{label}：{value}" for label, value in answer_rows(answers)]
    return "我记下的是：\n" + "\n".join(rows)


def staff_summary(answers: Answers) -> str:
    """One line for the ticket; the case page shows the rest."""
    county = shown("county", answers["county"])
    relation = shown("relation", answers["relation"])
    return f"{answers['patient_name']}，{county}，申请人：{relation}"


def answer_rows(answers: Answers) -> list[tuple[str, str]]:
    """Label and value of each answer, in the form's order, for family and staff."""
    return [(LABELS[field], shown(field, answers[field])) for field in LABELS if field in answers]


def shown(field: str, value: Any) -> str:
    """One value in words."""
    if value is None:
        return "先空着"
    if field == "relation":
        return RELATIONS.get(value, str(value))
    if field == "birth_year":
        return f"{value}年"
    if field == "county":
        place = places.get(value)
        return place.full_name if place else str(value)
    if field == "hospital_advice":
        return HOSPITAL_ADVICE.get(value, str(value))
    if field == "service_forms":
        return "、".join(SERVICE_FORMS.get(form, form) for form in value)
    if field == "is_guardian":
        return {"yes": "是", "no": "不是"}.get(value, "不清楚")
    if field in ("guardian_consent", "patient_consent"):
        return CONSENT_WORDS.get(value, str(value))
    return str(value)
