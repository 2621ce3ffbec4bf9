"""How the policy pages say things, and how their forms are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from bot.casework.errors import Refused
from bot.console.forms import Number
from bot.console.words import typed_text
from bot.policy import regions
from bot.policy.documents import Clause
from bot.policy.own_cards import CardWords
from bot.policy.thesaurus import default_thesaurus

DOCUMENT_STATES = {"in_force": "有效", "withdrawn": "已作废", "superseded": "已被代替"}
CARD_STATES = {"draft": "草稿", "published": "已发布", "withdrawn": "已撤下"}
KIND_NAMES = {
    "title": "标题",
    "number": "文号",
    "letterhead": "文头",
    "addressee": "主送",
    "heading": "小标题",
    "body": "正文",
    "signature": "落款",
    "contact": "联系方式",
    "copies": "抄送",
    "annex": "附件",
}
REASON_NAMES = {
    "not_found": "没查到",
    "not_stated": "文件里没写",
    "elsewhere": "只有别处的规定",
    "medical": "用药问题",
}
DEEPEST = 4


class CardForm(Struct):
    """The card editor as it was typed."""

    version: Number = 0
    questions: str = ""
    answer: str = ""
    conditions: str = ""
    how: str = ""
    office: str = ""
    region: str = ""
    source_document: str = ""
    source_number: str = ""
    source_date: str = ""
    clause: str = ""
    amount: str = ""
    amount_date: str = ""
    checked: str = ""
    check_again_by: str = ""


class FactsForm(Struct):
    """The facts of an uploaded document as they were put right."""

    title: str = ""
    number: str = ""
    region: str = ""
    date: str = ""


class CardVersionForm(Struct):
    version: Number = 0


class SuccessorForm(Struct):
    successor: Number = 0


class ReplaceForm(Struct):
    card: str = ""


CardTyped = Annotated[CardForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
FactsTyped = Annotated[FactsForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
CardVersion = Annotated[CardVersionForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Successor = Annotated[SuccessorForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Replace = Annotated[ReplaceForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@dataclass(frozen=True)
class Line:
    """One clause as the tree of a document shows it."""

    depth: int
    path: str
    kind: str
    text: str
    is_body: bool


def lines_of(clauses: tuple[Clause, ...]) -> list[Line]:
    """A document as a tree, outermost first."""
    return [
        Line(
            depth=min(len(clause.context), DEEPEST),
            path=clause.path,
            kind=KIND_NAMES[clause.kind],
            text=clause.text.strip(),
            is_body=clause.kind == "body",
        )
        for clause in clauses
        if clause.text.strip()
    ]


def region_name(code: str | None) -> str:
    """What to call the place of a document or card."""
    return "地区未定" if code is None else regions.name_of(code)


def topic_name(topic: str) -> str:
    """A concept in official words."""
    concept = default_thesaurus().concepts.get(topic)
    return concept.official[0] if concept else "其他"


def day(typed: str, what: str) -> date | None:
    """A date as a browser or a person writes it; empty is None. Raises `Refused`."""
    text = typed.strip().replace("/", "-").replace(".", "-")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{what}请写成 2026-06-30 这样的日子。") from None


def region(typed: str) -> str | None:
    """A place as a person writes it; empty is None. Raises `Refused`."""
    text = typed.strip()
    if not text:
        return None
    code = regions.parse(text)
    if code is None:
        raise Refused(f"没有认出地区“{text[:20]}”，请写省、市、县的名字，全国就写“全国”。")
    return code


def card_words(form: CardForm) -> CardWords:
    """What was typed into the editor. Raises `Refused` for a date or place that is none."""
    questions = [typed_text(line) for line in form.questions.splitlines()]
    return CardWords(
        questions=tuple(line for line in questions if line),
        answer=typed_text(form.answer),
        conditions=typed_text(form.conditions),
        how=typed_text(form.how),
        office=typed_text(form.office),
        region=region(form.region),
        source_document=typed_text(form.source_document),
        source_number=typed_text(form.source_number),
        source_date=typed_text(form.source_date).replace("/", "-").replace(".", "-"),
        clause=typed_text(form.clause),
        amount=typed_text(form.amount),
        amount_date=day(form.amount_date, "金额的日子"),
        checked=day(form.checked, "核对日期"),
        check_again_by=day(form.check_again_by, "下次核对日期"),
    )


def typed_card(words: CardWords) -> dict[str, str]:
    """What the editor shows of a card."""
    return {
        **{
            name: value.isoformat() if isinstance(value, date) else value or ""
            for name, value in words.__dict__.items()
        },
        "questions": "\n".join(words.questions),
        "region": "" if words.region is None else regions.name_of(words.region),
    }
