"""The directory: proposals, cards for families, spreadsheets."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.casework import institution_sheet, institutions, referrals
from bot.casework.errors import Refused
from bot.casework.institution_models import Institution
from bot.casework.institutions import PriceLine
from bot.casework.models import Case
from tests.integration.casework.town import HULI, SIMING, Town


def test_proposals_are_near_fit_and_have_room(town: Town) -> None:
    town.institution("测试远处", county_code=HULI, counties=(SIMING, HULI))
    town.institution("测试不合意愿", service_forms=("home",))
    best = town.institution("测试合意愿", service_forms=("day",))
    town.institution("测试没空位", capacity=0)
    town.institution("测试过期", valid_until=town.today - timedelta(days=1))
    town.institution("测试别县", counties=(HULI,))
    town.institution("测试停收", active=False)
    case = town.bring_to("waiting")
    assert _proposed(town, case) == ["测试合意愿", "测试不合意愿", "测试远处"]
    town.refer(case, best)
    town.do(referrals.decline_referral, case, reason="测试")
    assert _proposed(town, case) == ["测试不合意愿", "测试远处", "测试合意愿"]


def test_families_see_prices_and_no_numbers_of_patients(town: Town) -> None:
    town.institution(
        "测试有空",
        prices=(PriceLine("日间训练", 3550, "天"), PriceLine("家访", 0, "次")),
    )
    town.institution("测试满员", capacity=0)
    town.institution("测试过期", valid_until=town.today - timedelta(days=1))
    with town.transaction() as session:
        near = institutions.institutions_near(session, region=SIMING, now=town.now)
        province = institutions.institutions_near(session, region="350000", now=town.now)
        elsewhere = institutions.institutions_near(session, region="410923", now=town.now)
    assert [(card.name, card.has_room) for card in near] == [
        ("测试有空", True),
        ("测试满员", False),
    ]
    assert near[0].prices == ("日间训练 35.5元/天", "家访 免费")
    assert len(province) == 2
    assert elsewhere == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": " "}, "名称"),
        ({"admission_number": ""}, "编号"),
        ({"admission": "none"}, "依据"),
        ({"counties": ()}, "服务哪些县"),
        ({"counties": ("999999",)}, "不是县"),
        ({"service_forms": ("any",)}, "服务形式"),
        ({"capacity": -1}, "名额"),
        ({"prices": (PriceLine("训练、餐", 1, "天"),)}, "标点"),
    ],
)
def test_an_entry_that_is_wrong_says_so(town: Town, changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word):
        town.institution(**changes)


def test_capacity_never_falls_below_who_is_there(town: Town) -> None:
    place = town.institution(capacity=2)
    town.bring_to("referred", institution=place)
    with pytest.raises(Refused, match="不能比这更少"), town.transaction() as session:
        institutions.save_institution(
            session,
            institution_id=place.id,
            entry=town.entry(place.name, capacity=0),
            by="staff:1",
            now=town.now,
        )


def test_a_sheet_goes_out_and_comes_back(town: Town) -> None:
    town.institution("=测试公式()", valid_until=None, active=False)
    town.institution("测试二", counties=(SIMING, HULI), service_forms=("day", "outreach"))
    with town.transaction() as session:
        before = [institutions.entry_of(i) for i in institutions.directory(session)]
        sheet = institution_sheet.export_sheet(session, by="staff:1", now=town.now)
    cells = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0]
    assert all(cell.data_type != "f" for row in cells.iter_rows() for cell in row)
    assert "'=测试公式()" in [cell.value for cell in cells["A"]]
    with town.transaction() as session:
        found = institution_sheet.import_sheet(session, data=sheet, by="staff:1", now=town.now)
        assert (found.made, found.changed, found.wrong) == (0, 2, ())
    with town.transaction() as session:
        assert [institutions.entry_of(i) for i in institutions.directory(session)] == before


def test_errors_are_shown_row_by_row_and_nothing_is_written(town: Town) -> None:
    sheet = institution_sheet.write_sheet([town.entry("测试一"), town.entry("测试二")])
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    at = {cell.value: cell.column for cell in book.worksheets[0][1]}
    for column, value in (
        ("有效期至", "明年"),
        ("名额", "很多"),
        ("服务形式", "包治"),
        ("所在县", "某某县"),
        ("价目", "便宜"),
        ("接收", "也许"),
    ):
        book.worksheets[0].cell(3, at[column], value)
    target = io.BytesIO()
    book.save(target)
    with town.transaction() as session:
        found = institution_sheet.preview(session, target.getvalue())
    assert [row.number for row in found.wrong] == [3]
    said = "".join(found.wrong[0].wrong)
    for word in ("明年", "很多", "包治", "某某县", "便宜", "是或否"):
        assert word in said
    with pytest.raises(Refused, match="什么都没有写入"), town.transaction() as session:
        institution_sheet.import_sheet(session, data=target.getvalue(), by="staff:1", now=town.now)
    with town.transaction() as session:
        assert session.scalars(select(Institution.id)).all() == []


def test_dates_numbers_and_short_names_are_read(town: Town) -> None:
    sheet = institution_sheet.write_sheet([town.entry("测试一")])
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    at = {cell.value: cell.column for cell in book.worksheets[0][1]}
    for column, value in (
        ("有效期至", date(2027, 6, 30)),
        ("名额", 12.0),
        ("服务县", "厦门市思明区，厦门市湖里区"),
        ("服务形式", "日间;居家"),
    ):
        book.worksheets[0].cell(2, at[column], value)
    target = io.BytesIO()
    book.save(target)
    with town.transaction() as session:
        [row] = institution_sheet.preview(session, target.getvalue()).rows
    assert row.wrong == ()
    assert row.entry is not None
    assert row.entry.valid_until == date(2027, 6, 30)
    assert row.entry.capacity == 12
    assert row.entry.counties == (SIMING, HULI)
    assert row.entry.service_forms == ("day", "home")


def _packed(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "打不开"),
        (b"not a sheet", "打不开"),
        (_packed(a=b"x"), "打不开"),
        (_packed(**{"[Content_Types].xml": b"<broken"}), "打不开"),
        (_packed(bomb=b"\0" * (institution_sheet.MOST_UNPACKED + 1)), "展开后太大"),
        (b"\0" * (institution_sheet.MOST_BYTES + 1), "最多5MB"),
        (institution_sheet.write_sheet([]), "没有内容"),
    ],
)
def test_what_is_no_sheet_is_refused_in_a_sentence(town: Town, data: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word), town.transaction() as session:
        institution_sheet.preview(session, data)


@given(st.text(min_size=1, max_size=20))
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not institution_sheet.safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def _proposed(town: Town, case: Case) -> list[str]:
    with town.transaction() as session:
        found = institutions.propose_institutions(
            session, case=session.get_one(Case, case.id), now=town.now
        )
        return [proposal.institution.name for proposal in found]
