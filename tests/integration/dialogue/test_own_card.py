"""A question without an answer becomes a ticket, its answer a card, and the card the answer of the
next family: through the real callback and the desk's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.installation import Installation
from bot.policy.library import library
from bot.policy.models import PolicyQuestion
from tests.integration.console.office import Office
from tests.integration.console.test_policy_pages import CARD

from .conftest import Chat

ASKED = "修轮椅有什么政策，给不给补贴"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a question waits for the new index."""
    index = library.index
    monkeypatch.setattr(library, "index", lambda session, **_: index(session, wait=60.0))


def test_an_answer_serves_the_next_family(
    new_chat: Callable[[], Chat], installation: Installation
) -> None:
    office = Office(installation)
    office.staff("limei", name="测试李梅")
    office.staff("wangfang", name="测试王芳")
    desk = office.browser("limei")
    question = f"我们家在仙游县，{ASKED}"
    mother = new_chat()
    assert "转给社工（编号 GD" in mother.say(question)
    with office.transaction() as session:
        ticket_id = session.scalar(select(PolicyQuestion.ticket_id))
    ticket = f"/console/tickets/{ticket_id}"
    fields: dict[str, Any] = {name: desk.hidden(ticket, name) for name in ("owner_version", "seen")}
    desk.post(f"{ticket}/reply", **fields, text="可以的，县残联每月十五号上门修。")
    kept = desk.post(f"/console/policy/tickets/{ticket_id}/keep")
    card = str(kept.headers["location"]).split("?")[0]
    desk.post(f"{card}/save", **CARD | {"questions": ASKED})
    assert office.browser("wangfang").post(f"{card}/approve", version="2").status_code == 303
    answer = new_chat().say(question)
    assert "十五号" in answer
    assert "依据：《仙游县残联答复》 电话答复，2026-11-20" in answer
