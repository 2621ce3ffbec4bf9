"""The page of one clause or card: for whoever was sent its address."""

from __future__ import annotations

import re

import pytest

from bot.installation import Installation
from bot.policy import document_actions
from tests.integration.family.home import Home
from tests.integration.policy.talk import Talk, put_document


@pytest.fixture
def home(installation: Installation) -> Home:
    return Home(installation)


def address_in(answer: str) -> str:
    found = re.search(r"看全文：http://[^/]+(/family/policy/\S+)", answer)
    assert found, answer
    return found[1]


def test_a_clause_in_full_with_its_document_and_neighbours(home: Home) -> None:
    document_id = put_document(home.installation)
    answer = Talk(home.installation).say("我们家在仙游县，喘息服务一年有多少天")
    phone = home.phone()
    shown = phone.get(address_in(answer))
    assert shown.status_code == 200, "nobody has to sign in"
    for part in (
        "（二）照护者喘息服务每年不少于10天。",
        "测试省民政厅关于做好社区康复补助工作的通知",
        "测民〔2025〕7号",
        "2025-03-02",
        "福建省",
        "一(二)",
    ):
        assert part in shown.text
    after = re.search(r'href="(/family/policy/[^"]+)"><span class="soft small">下一条', shown.text)
    assert after
    assert "书面申请" in phone.get(after[1]).text
    with home.installation.database.transaction() as session:
        document_actions.withdraw_document(
            session, document_id=document_id, by="system:test", now=home.installation.clock()
        )
    assert "已经作废" in phone.get(address_in(answer)).text


def test_a_card_in_full(home: Home) -> None:
    answer = Talk(home.installation).say("残疾证怎么办")
    shown = home.phone().get(address_in(answer)).text
    assert "指定医院做残疾评定" in shown
    assert "残联发〔2017〕34号" in shown


@pytest.mark.parametrize("named", ["1-0000000000", "card-none", "card-own-9", "x", "99999999999-a"])
def test_what_is_gone_is_said_kindly(home: Home, named: str) -> None:
    answer = home.phone().get(f"/family/policy/{named}")
    assert answer.status_code == 404
    assert "这一条不在了" in answer.text
