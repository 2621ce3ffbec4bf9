"""A family's case on the pages of both sides, from application to closure with onward referral.

With the refusals of each condition on the way: what is missing is said in one sentence, and
nothing has happened.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from bot.casework import institutions, training
from bot.casework.models import Case, Staff
from bot.clock import LOCAL
from tests.conftest import MovableClock
from tests.integration.console.office import SIMING, Browser
from tests.integration.family.home import Home, Phone

PLACE = "测试康复站"
ASSESSMENT = {"reasons": "需要有人督促吃药，想白天有地方去。", "service_forms": ["day"]}
TERMS = {"content": "日间训练", "standard": "每周两次", "fee": "免费", "form": "日间"}
TEAM = {
    "psychiatrist": "测试医生",
    "nurse": "测试护士",
    "therapist": "测试康复师",
    "social_worker": "测试李梅",
    "opinion": "先做日间训练。",
}
FIVE = {
    "effect": "好",
    "illness": "稳定",
    "self_care": "能自理",
    "wish_to_work": "想工作",
    "ability_to_work": "可以做简单的活",
}


class Way:
    """One case under way: the desk, the phones, and the clock."""

    def __init__(self, home: Home, clock: MovableClock) -> None:
        self.home, self.clock = home, clock
        self.li = home.staff("limei", name="测试李梅")
        self.desk = home.browser("limei")
        self.mother = home.phone("o-mother")
        self.case_id = home.case("o-mother", guardian=None).id
        self.path = f"/console/cases/{self.case_id}"
        self.own = f"/family/cases/{self.case_id}"

    @property
    def today(self) -> date:
        return self.clock().astimezone(LOCAL).date()

    def case(self) -> Case:
        with self.home.transaction() as session:
            return session.get_one(Case, self.case_id)

    def do(self, name: str, *, by: Browser | None = None, **fields: Any) -> Any:
        """One action on the desk; asserts that it was done."""
        answer = self.tries(name, by=by, **fields)
        assert answer.status_code in (200, 303), _said(answer)
        self.clock.move(minutes=3)
        return answer

    def tries(self, name: str, *, by: Browser | None = None, **fields: Any) -> Any:
        path = self.path if by is None else self.path.replace("cases", "referrals")
        return (by or self.desk).post(
            f"{path}/do/{name}", version=fields.pop("version", self.case().version), **fields
        )

    def refused(self, name: str, sentence: str, **fields: Any) -> None:
        """One action that a missing condition stops: one sentence, and nothing has happened."""
        before = self.case()
        answer = self.tries(name, **fields)
        assert answer.status_code in (409, 422)
        assert sentence in answer.text, _said(answer)
        after = self.case()
        assert (after.stage, after.version) == (before.stage, before.version)

    def bound_by_code(self, role: str, openid: str) -> Phone:
        """A phone that was given a code by the social worker."""
        page = self.do("make_code", role=role).text
        code = re.search(r"绑定码：<strong[^>]*>(\w+)<", page)
        assert code
        phone = self.home.phone(openid)
        assert phone.get(self.own).status_code == 404, "unbound, nothing is to be seen"
        assert phone.post("/family/bind", code=code[1]).status_code == 303
        again = self.home.phone("o-thief").post("/family/bind", code=code[1])
        assert again.status_code == 422, "a code serves once"
        return phone

    def train(self, until: date) -> None:
        train(self.home, self.li.id, self.clock, until=until)

    def open_institution(self) -> int:
        return open_institution(self.home, self.clock)


def train(home: Home, staff_id: int, clock: MovableClock, *, until: date | None = None) -> None:
    """The training in needs assessment, passed a month ago."""
    today = clock().astimezone(LOCAL).date()
    with home.transaction() as session:
        training.record_training(
            session,
            staff_id=staff_id,
            kind="needs_assessment",
            passed_on=today - timedelta(days=30),
            valid_until=until or today + timedelta(days=700),
            hours=24,
            certificate_number="测试-1",
            by="system:test",
            now=clock(),
        )


def open_institution(home: Home, clock: MovableClock) -> int:
    """An institution in the family's county with places."""
    with home.transaction() as session:
        return institutions.save_institution(
            session,
            institution_id=None,
            entry=institutions.Entry(
                name=PLACE,
                admission="filing",
                admission_number="闽测备 1 号",
                valid_until=None,
                county_code=SIMING,
                address="测试路 1 号",
                telephone="05920000000",
                opening_hours="周一至周五 8:00–17:00",
                counties=(SIMING,),
                service_forms=("day", "home"),
                capacity=1,
                prices=(),
            ),
            by="system:test",
            now=clock(),
        ).id


@pytest.fixture
def way(home: Home, clock: MovableClock) -> Way:
    return Way(home, clock)


def test_from_application_to_closure(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    way.desk.post(f"{way.path}/accept", version=2)

    # The assessor's training: missing, expired, good.
    way.refused("assess_needs", "没有康复需求评估培训的记录", **ASSESSMENT)
    way.train(way.today - timedelta(days=1))
    way.refused("assess_needs", "就过期了", **ASSESSMENT)
    way.train(way.today + timedelta(days=700))
    way.do("assess_needs", **ASSESSMENT)

    # Both consents, each on the own phone.
    registration = {"number": "测-0001", "registered_on": way.today.isoformat()}
    way.refused("register", "要当面再问本人", **registration)
    patient = way.bound_by_code("patient", "o-patient")
    assert way.mother.post(f"{way.own}/consent", role="patient").status_code == 422
    assert patient.post(f"{way.own}/consent", role="patient").status_code == 303
    way.refused("register", "还缺监护人的同意", **registration)
    guardian = way.bound_by_code("guardian", "o-guardian")
    assert guardian.post(f"{way.own}/consent", role="guardian").status_code == 303
    way.do("register", **registration)

    # Three months of waiting, then a recheck.
    place = way.open_institution()
    way.clock.move(days=93)
    way.desk = way.home.browser("limei")
    way.mother.sign_in("o-mother")
    patient.sign_in("o-patient")
    guardian.sign_in("o-guardian")
    way.refused("refer", "超过三个月", institution_id=place)
    assert "再问一次意愿和情况" in way.desk.get(way.path).text
    way.do("recheck", situation="还愿意等，情况没变。")
    way.do("refer", institution_id=place)
    assert PLACE in way.mother.get(way.own).text

    # The institution's own staff.
    way.home.staff("jigou", role="institution_staff", name="测试站长")
    with way.home.transaction() as session:
        session.query(Staff).filter_by(username="jigou").one().institution_id = place
    station = way.home.browser("jigou")
    assert "测**" in station.get("/console/referrals").text
    way.do("accept_referral", by=station)
    way.do("assess_together", by=station, **TEAM)

    # Both papers, signed by everybody alone.
    way.refused("start_service", "还缺签字")
    way.do("prepare_documents", by=station, **TERMS)
    papers = sorted(set(re.findall(rf"{way.own}/documents/(\d+)", patient.get(way.own).text)))
    assert len(papers) == 2
    for paper in papers:
        address = f"{way.own}/documents/{paper}"
        assert way.mother.post(address, role="guardian").status_code == 422, "nobody for another"
        assert "日间训练" in patient.get(address).text
        assert patient.post(address, role="patient").status_code == 303
        assert guardian.post(address, role="guardian").status_code == 303
    way.refused("start_service", "机构")
    found = re.search(r'name="document" value="(\d+:institution)"', way.desk.get(way.path).text)
    assert found
    way.do("paper_signature", document=found[1])
    way.do("start_service", by=station)

    # Service, confirmed and disputed by the family.
    for key in ("a", "a", "b"):
        way.do(
            "record_service",
            by=station,
            key=key,
            provided_on=way.today.isoformat(),
            minutes="90",
            form="day",
            content="做手工",
        )
    records = re.findall(r"records/(\d+)/confirm", way.mother.get(way.own).text)
    assert len(records) == 2, "one form sent twice is one record"
    assert way.mother.post(f"{way.own}/records/{records[0]}/confirm").status_code == 303
    dispute = way.mother.post(f"{way.own}/records/{records[1]}/dispute", text="那天在家")
    assert dispute.status_code == 303
    page = way.desk.get(way.path).text
    assert "家属说做了" in page
    assert "家属说不对" in page

    # A relapse, and back.
    way.do("go_to_hospital", signs="几天没睡，说有人害他", hospital="测试医院")
    assert "住院中" in way.mother.get(way.own).text
    way.do("come_back", by=station)

    # Onward: only after an assessment says so.
    way.refused("prepare_leaving", "先做评估", onward_to="employment", details="残疾人之家")
    way.do("assess_again", **FIVE, ready_to_leave="yes")
    way.do("prepare_leaving", onward_to="employment", details="和测试残疾人之家谈好了。")
    way.refused("close", "请选日期")
    way.refused("close", "不能是以后", closed_on=(way.today + timedelta(days=1)).isoformat())
    way.do("close", closed_on=way.today.isoformat())
    assert way.case().stage == "closed"
    page = way.mother.get(way.own).text
    assert "这次康复办结了" in page
    assert station.get(way.path.replace("cases", "referrals")).status_code == 404, (
        "no longer theirs"
    )


def test_two_at_the_same_moment(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    way.home.staff("dudao", role="supervisor", name="测试督导")
    supervisor = way.home.browser("dudao")
    old = way.case().version
    assert supervisor.post(f"{way.path}/accept", version=old).status_code == 303
    answer = way.desk.post(f"{way.path}/return", version=old, what="请补充电话")
    assert answer.status_code == 409
    assert "另一位社工刚刚动过" in answer.text
    assert "测试督导通过了初审" in answer.text
    assert "请补充电话" in answer.text, "what was typed is still there"
    assert way.case().stage == "accepted_for_assessment"
    refused = way.tries("refuse", version=old, reason="写到一半的理由")
    assert refused.status_code == 409
    assert "写到一半的理由" in refused.text


def test_withdrawn_by_the_family_and_taken_up_again(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    assert "真的要撤回吗" in way.mother.get(f"{way.own}/withdraw").text
    assert way.case().stage == "in_review", "asking does nothing"
    assert way.mother.post(f"{way.own}/withdraw").status_code == 303
    assert way.case().stage == "withdrawn"
    assert way.mother.post(f"{way.own}/withdraw").status_code == 409
    way.do("reopen", reason="家属改主意了")
    assert way.case().stage == "in_review"


def test_refused_with_reason_and_an_objection(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    way.refused("refuse", "请写清楚为什么", reason="  ")
    way.do("refuse", reason="患者还在住院。")
    page = way.mother.get(way.own).text
    assert "患者还在住院。" in page
    assert "提异议" in page
    assert way.mother.post(f"{way.own}/object", text="已经出院了").status_code == 303
    assert "对结果有异议" in way.desk.get(way.path).text


def test_moving_away(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    way.desk.post(f"{way.path}/accept", version=2)
    way.train(way.today + timedelta(days=700))
    way.do("assess_needs", **ASSESSMENT)
    for role in ("patient", "guardian"):
        way.do("take_down", role=role, agrees="yes", way="in_person")
    way.do("register", number="测-2", registered_on=way.today.isoformat())
    way.refused("relocate", "要家属同意", to_county="福建省厦门市湖里区")
    way.refused("relocate", "同名的地方有几个", to_county="鼓楼区", agreed="yes")
    way.do("relocate", to_county="福建省厦门市湖里区", agreed="yes")
    assert way.case().county_code == "350206"


def test_a_returned_application_is_answered_on_the_page(way: Way) -> None:
    way.desk.post(f"{way.path}/claim", version=1)
    way.desk.post(f"{way.path}/return", version=2, what="请写监护人的电话")
    assert "请写监护人的电话" in way.mother.get(way.own).text
    assert way.mother.post(f"{way.own}/resubmit", text=" ").status_code == 422
    assert way.mother.post(f"{way.own}/resubmit", text="13900000009").status_code == 303
    assert way.case().stage == "in_review"
    assert "13900000009" in way.desk.get(way.path).text


def _said(answer: Any) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.text)[:1500]
