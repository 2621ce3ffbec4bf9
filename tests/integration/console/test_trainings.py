from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import LOCAL
from tests.integration.console.office import Office


def _training(office: Office, staff_id: int, **changes: str) -> dict[str, str]:
    today = office.now.astimezone(LOCAL).date()
    return {
        "staff": str(staff_id),
        "kind": "needs_assessment",
        "passed_on": str(today - timedelta(days=3)),
        "valid_until": str(today + timedelta(days=300)),
        "hours": "24",
        "certificate": "测试证-7",
        **changes,
    }


def test_an_administrator_records_a_training(office: Office) -> None:
    worker = office.staff("worker", name="测试李梅")
    office.staff("admin", "administrator")
    browser = office.browser("admin")
    assert "还没有登记过培训" in browser.get("/console/trainings").text
    done = browser.post("/console/trainings", **_training(office, worker.id))
    assert done.status_code == 303
    shown = browser.get("/console/trainings").text
    for text in ("康复需求评估能力培训：24 学时", "测试证-7", "今年 24 学时"):
        assert text in shown


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"staff": "9999"}, "请选一位社工"),
        ({"kind": "cooking"}, "培训的种类"),
        ({"passed_on": "昨天"}, "通过日期"),
        ({"passed_on": "2099-01-01", "valid_until": "2099-02-01"}, "通过了再登记"),
        ({"valid_until": "2001-01-01"}, "不能早于"),
        ({"hours": "0"}, "学时请填"),
        ({"hours": "2001"}, "学时请填"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    office: Office, changes: dict[str, str], word: str
) -> None:
    worker = office.staff("worker")
    office.staff("admin", "administrator")
    page = office.browser("admin").post(
        "/console/trainings", **_training(office, worker.id, **changes)
    )
    assert page.status_code == 422
    assert word in page.text
    assert "测试证-7" in page.text


def test_only_administrators(office: Office) -> None:
    worker = office.staff("worker")
    browser = office.browser("worker")
    assert browser.get("/console/trainings").status_code == 403
    assert browser.post("/console/trainings", **_training(office, worker.id)).status_code == 403
