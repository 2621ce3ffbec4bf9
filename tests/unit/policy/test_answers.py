"""What is answered, with which quote, and what is honestly refused and how."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policy.answer import PolicyAnswer, Reason, answer
from bot.policy.cards import default_cards
from bot.policy.documents import read_document
from bot.policy.index import PolicyIndex
from tests.unit.policy import files

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def index() -> PolicyIndex:
    documents = [read_document(path) for path in sorted(files.DOCUMENTS.glob("*.txt"))]
    return PolicyIndex.build(documents, default_cards())


def ask(index: PolicyIndex, question: str, region: str | None = None) -> PolicyAnswer:
    return answer(question, region=region, index=index, today=TODAY)


@pytest.mark.parametrize(
    ("question", "region", "clause", "figure"),
    [
        ("二级护理补贴每月多少", "温州市", "第五条(二)", "250元"),
        ("二级的护理补贴一个月好多钱", "温州市", "第五条(二)", "250元"),
        ("站点工作人员一年要培训多少学时", "贵州省", "三(一)", "40学时"),
        ("一年可以申请几天喘息服务", "贵州省", "二(四)13", "15天"),
        ("走访登记了多少名患者", "大同市", "第2段一是", "1200余名"),
        ("福利院的人走丢了多久报警", "陕西省", "五", "30分钟"),
    ],
)
def test_the_quote_holds_the_figure_that_was_asked_for(
    index: PolicyIndex, question: str, region: str, clause: str, figure: str
) -> None:
    found = ask(index, question, region)
    citation = found.citations[0]
    assert citation.clause == clause
    assert figure in citation.quote
    assert len(citation.quote) <= 300
    assert citation.source_line in found.text


def test_the_answer_names_number_clause_and_date(index: PolicyIndex) -> None:
    found = ask(index, "我们家孩子想去站点，跟谁申请", "贵阳市")
    assert "依据：黔测民〔2023〕9号 二（二）3，2023-04-12" in found.text
    assert found.to_contract()["citations"] == [
        {
            "document": "贵州省民政厅等2部门关于印发《贵州省“同行计划”实施方案》的通知",
            "document_number": "黔测民〔2023〕9号",
            "clause": "二(二)3",
            "quote": found.citations[0].quote,
        }
    ]


def test_only_some_sentences_of_a_long_clause_are_quoted(index: PolicyIndex) -> None:
    found = ask(index, "福利院出院几天内要通知监护人", "陕西省")
    (citation,) = found.citations
    clause = next(p for p in index.passages if p.clause and citation.quote in p.text)
    assert "3日内通知监护人" in citation.quote
    assert len(citation.quote) < len(clause.text) / 2


@pytest.mark.parametrize(
    ("question", "region", "reason"),
    [
        ("护理补贴一个月发多少钱", "贵州省", Reason.NOT_STATED),
        ("看护补贴一年给好多钱", "遵义市", Reason.NOT_STATED),
        ("奥氮平能不能减半片", "贵州省", Reason.MEDICAL),
        ("打了长效针还能喝酒不", "贵州省", Reason.MEDICAL),
        ("他是不是得了精神分裂症", "贵州省", Reason.MEDICAL),
        ("你叫什么名字呀", "贵州省", Reason.CHAT),
        ("今天天气怎么样", "贵州省", Reason.NOT_FOUND),
        ("退役军人有什么补助", "贵州省", Reason.NOT_FOUND),
    ],
)
def test_what_nothing_answers_is_refused_with_the_right_words(
    index: PolicyIndex, question: str, region: str, reason: Reason
) -> None:
    found = ask(index, question, region)
    assert not found.answered
    assert found.parts[0].reason is reason
    assert "依据：" not in found.text


def test_the_rule_of_another_place_does_not_answer(index: PolicyIndex) -> None:
    # Guizhou and Wenzhou have these rules, Shaanxi and Datong have not.
    for question in (
        "一年可以申请几天喘息服务",
        "二级护理补贴每月多少",
        "等了两个月还没轮到，社工要再来问吗",
    ):
        for region in ("陕西省", "大同市"):
            found = ask(index, question, region)
            assert not found.answered, (question, region, found.citations)


def test_the_place_in_the_question_counts_before_the_place_of_the_person(
    index: PolicyIndex,
) -> None:
    found = ask(index, "温州一级护理补贴多少钱", "贵州省")
    assert found.citations[0].document_number == "温测民〔2024〕18号"


def test_a_county_is_answered_by_its_city_and_province(index: PolicyIndex) -> None:
    for region in ("贵州省", "贵阳市", "520103"):
        found = ask(index, "在站里突然犯病了怎么送医院", region)
        assert found.citations[0].clause == "二(三)10"


def test_without_a_place_the_answer_says_whose_rule_it_is_and_asks(index: PolicyIndex) -> None:
    found = ask(index, "照护者的喘息服务一年几天")
    assert found.needs_region
    assert "您住在哪个市、县" in found.text


def test_all_questions_of_a_message_are_answered(index: PolicyIndex) -> None:
    found = ask(index, "去站点要签什么协议？另外二级护理补贴多少钱？训练都教什么？", "贵州省")
    assert [part.answered for part in found.parts] == [True, False, True]
    assert found.text.count("依据：") == 2
    assert all(f"{number}. " in found.text for number in (1, 2, 3))


def test_a_period_that_is_over_is_named(index: PolicyIndex) -> None:
    found = ask(index, "2025年登记对象规范服务要达到百分之多少", "贵州省")
    assert "70%" in found.citations[0].quote
    assert "时间已经过了" in found.text


def test_a_rule_that_has_run_out_does_not_answer(index: PolicyIndex) -> None:
    question, region = "二级护理补贴每月多少", "温州市"
    assert answer(question, region=region, index=index, today=date(2029, 3, 1)).answered
    assert not answer(question, region=region, index=index, today=date(2029, 3, 2)).answered


@pytest.mark.parametrize("text", ["", " ", "?", "。。。", "😀", "a" * 5000, "补贴" * 2000, "\0\n"])
def test_any_text_gets_some_answer(index: PolicyIndex, text: str) -> None:
    assert ask(index, text, "贵州省").text
