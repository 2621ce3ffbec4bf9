"""The directory of institutions as a spreadsheet: out, and in with a preview row by row.

The sheet that goes out can come back in. Text that a spreadsheet would take for a formula is
written as text with an apostrophe before it, and read without.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot import places
from bot.casework import institutions
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.errors import Refused
from bot.casework.institution_models import ADMISSIONS, Institution
from bot.casework.institutions import Entry, PriceLine
from bot.privacy import audit

COLUMNS = (
    "名称",
    "依据",
    "编号",
    "有效期至",
    "所在县",
    "服务县",
    "地址",
    "电话",
    "开放时间",
    "服务形式",
    "名额",
    "价目",
    "接收",
)
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ROWS = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PRICE = re.compile(r"(?P<item>.+?)[:：\s]*(?P<yuan>\d+(?:\.\d{1,2})?)元?\s*[/／每](?P<unit>\S+)")
_SEPARATORS = re.compile(f"[{institutions.SEPARATORS}]+")


@dataclass(frozen=True)
class Row:
    """One row of a sheet: what it says, or what is wrong with it."""

    number: int
    """As the spreadsheet counts; the heading is 1."""
    name: str
    entry: Entry | None
    """None when something is wrong."""
    wrong: tuple[str, ...]
    known_id: int | None
    """The institution of that name that would be changed; None for a new one."""


@dataclass(frozen=True)
class Preview:
    """What an import would do, before it is done."""

    rows: tuple[Row, ...]

    @property
    def wrong(self) -> tuple[Row, ...]:
        """Rows that cannot be imported."""
        return tuple(row for row in self.rows if row.wrong)

    @property
    def made(self) -> int:
        """How many institutions would be new."""
        return sum(row.entry is not None and row.known_id is None for row in self.rows)

    @property
    def changed(self) -> int:
        """How many known ones would be replaced."""
        return sum(row.entry is not None and row.known_id is not None for row in self.rows)


def preview(session: Session, data: bytes) -> Preview:
    """Read a sheet and say row by row what is wrong; nothing is written.

    Raises `Refused` when it is no spreadsheet, too large, or lacks a column.
    """
    table = _table(data)
    known = dict(session.execute(select(Institution.name, Institution.id)).all())
    taken = dict(session.execute(select(Institution.name, Institution.places_taken)).all())
    rows: list[Row] = []
    names: set[str] = set()
    for number, cells in table:
        entry, wrong = _entry(cells)
        name = cells["名称"]
        if entry is not None:
            wrong += institutions.wrong_with(entry)
            if name in names:
                wrong.append("这个名称在表里出现了两次。")
            if entry.capacity < taken.get(name, 0):
                wrong.append(f"已经有{taken[name]}人在这里，名额不能比这更少。")
        names.add(name)
        rows.append(Row(number, name, None if wrong else entry, tuple(wrong), known.get(name)))
    if not rows:
        raise Refused("表里没有内容。")
    return Preview(tuple(rows))


def import_sheet(session: Session, *, data: bytes, by: str, now: datetime) -> Preview:
    """Write a sheet to the directory: all of it, or nothing when a row is wrong.

    Institutions that the sheet does not name stay as they are.
    """
    found = preview(session, data)
    if found.wrong:
        raise Refused(f"有{len(found.wrong)}行不对，改好再导入；这次什么都没有写入。")
    for row in found.rows:
        assert row.entry is not None
        institutions.save_institution(
            session, institution_id=row.known_id, entry=row.entry, by=by, now=now
        )
    audit.record(
        session,
        by=by,
        action="institution.import",
        on=("institution", 0),
        now=now,
        made=found.made,
        changed=found.changed,
    )
    return found


def export_sheet(session: Session, *, by: str, now: datetime) -> bytes:
    """The whole directory as xlsx."""
    found = session.scalars(
        select(Institution)
        .options(selectinload(Institution.counties), selectinload(Institution.prices))
        .order_by(Institution.name)
    ).all()
    audit.record(
        session,
        by=by,
        action="institution.export",
        on=("institution", 0),
        now=now,
        rows=len(found),
    )
    return write_sheet([institutions.entry_of(institution) for institution in found])


def write_sheet(entries: Sequence[Entry]) -> bytes:
    """Entries as xlsx; without any, the empty form to fill in."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("机构名录")
    bold = book.add_format({"bold": True})
    for column, heading in enumerate(COLUMNS):
        sheet.write_string(0, column, heading, bold)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    sheet.freeze_panes(1, 1)
    for number, entry in enumerate(entries, 1):
        for column, value in enumerate(_cells(entry)):
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, safe(value))
    book.close()
    return target.getvalue()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(entry: Entry) -> tuple[str | int, ...]:
    return (
        entry.name,
        ADMISSIONS[entry.admission],
        entry.admission_number,
        entry.valid_until.isoformat() if entry.valid_until else "长期",
        _county_text(entry.county_code),
        "、".join(_county_text(code) for code in entry.counties),
        entry.address,
        entry.telephone,
        entry.opening_hours,
        "、".join(SERVICE_FORMS[form] for form in entry.service_forms),
        entry.capacity,
        "、".join(_price_text(price) for price in entry.prices),
        "是" if entry.active else "否",
    )


def _county_text(code: str) -> str:
    place = places.get(code)
    return place.full_name if place else code


def _price_text(price: PriceLine) -> str:
    yuan = f"{price.fen / 100:.2f}".rstrip("0").rstrip(".")
    return f"{price.item}：{yuan}元/{price.unit}"


def _table(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows with anything in them, by heading."""
    if len(data) > MOST_BYTES:
        raise Refused("文件太大了，最多5MB。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Refused("文件展开后太大了，请只留机构名录这一张表。")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [
            [_text(value) for value in line]
            for line in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=40, values_only=True)
        ]
    except Refused:
        raise
    except Exception as broken:  # a damaged file makes the reader fail in every possible way
        raise Refused("打不开这个文件，请用xlsx格式的表格。") from broken
    if not lines:
        raise Refused("表里没有内容。")
    heading = lines[0]
    if absent := [column for column in COLUMNS if column not in heading]:
        raise Refused(f"表头缺：{'、'.join(absent)}。可以先导出一份，照着填。")
    at = {column: heading.index(column) for column in COLUMNS}
    rows = [
        (number, {column: line[index] for column, index in at.items()})
        for number, line in enumerate(lines[1:], 2)
        if any(line)
    ]
    if len(rows) > MOST_ROWS:
        raise Refused(f"一次最多{MOST_ROWS}行，请分几次导入。")
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[1:] if text.startswith("'") else text


def _entry(cells: dict[str, str]) -> tuple[Entry | None, list[str]]:
    """A row as an entry, and every cell that cannot be read."""
    wrong: list[str] = []
    admission = {name: key for key, name in ADMISSIONS.items()}.get(cells["依据"], "")
    valid_until = _day(cells["有效期至"], wrong)
    home = _counties(cells["所在县"], wrong)
    served = _counties(cells["服务县"], wrong)
    forms = _forms(cells["服务形式"], wrong)
    prices = _prices(cells["价目"], wrong)
    if not cells["名额"].isascii() or not cells["名额"].isdigit():
        wrong.append(f"名额“{cells['名额']}”不是整数。")
    if cells["接收"] not in ("是", "否", ""):
        wrong.append("“接收”请填是或否。")
    if len(home) > 1:
        wrong.append("所在县只能填一个。")
    if wrong:
        return None, wrong
    return (
        Entry(
            name=cells["名称"],
            admission=admission,
            admission_number=cells["编号"],
            valid_until=valid_until,
            county_code=home[0] if home else "",
            counties=served,
            address=cells["地址"],
            telephone=cells["电话"],
            opening_hours=cells["开放时间"],
            service_forms=forms,
            capacity=int(cells["名额"]),
            prices=prices,
            active=cells["接收"] != "否",
        ),
        [],
    )


def _day(text: str, wrong: list[str]) -> date | None:
    if text in ("", "长期"):
        return None
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    if found:
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            pass
    wrong.append(f"有效期“{text}”不是日期，比如2027-12-31，长期有效填“长期”。")
    return None


def _counties(text: str, wrong: list[str]) -> tuple[str, ...]:
    codes = []
    for part in _parts(text):
        if part.isdigit() and places.get(part):
            codes.append(part)
            continue
        found = [place for place in places.find(part) if place.level != "province"]
        if len({place.code for place in found}) != 1:
            wrong.append(f"“{part}”认不出是哪个县（区、市），请写全，比如“福建省厦门市思明区”。")
            continue
        codes.append(found[0].code)
    return tuple(dict.fromkeys(codes))


def _forms(text: str, wrong: list[str]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for form in institutions.OFFERED_FORMS:
        name = SERVICE_FORMS[form]
        names[name] = form
        names |= {short: form for short in re.split(r"[（）]", name) if short}
    forms = []
    for part in _parts(text):
        if part in names:
            forms.append(names[part])
        else:
            known = "、".join(SERVICE_FORMS[form] for form in institutions.OFFERED_FORMS)
            wrong.append(f"没有“{part}”这种服务形式，可填：{known}。")
    return tuple(dict.fromkeys(forms))


def _prices(text: str, wrong: list[str]) -> tuple[PriceLine, ...]:
    prices = []
    for part in _parts(text):
        found = _PRICE.fullmatch(part)
        if found is None:
            wrong.append(f"价目“{part}”看不懂，请写成“日间训练：35元/天”，免费写0元。")
            continue
        fen = round(float(found["yuan"]) * 100)
        prices.append(PriceLine(found["item"].strip("：: "), fen, found["unit"]))
    return tuple(prices)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
