"""The limits of template and subscription fields, as the platform's table gives them."""

from __future__ import annotations

import pytest

from bot.emulator.api.notices import field_allows


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("thing", ["字" * 20, "a b，c"], ["字" * 21, "a\nb"]),
        ("character_string", ["KF-2026/0001", "x" * 32], ["x" * 33, "编号1", "a b"]),
        ("phrase", ["已受理", "字" * 5], ["字" * 6, "ok", "已受理。"]),
        (
            "time",
            ["20:00", "8:05", "2026年11月24日 20:00", "08:00~09:00", "2026-11-24 23:59:59"],
            ["24:00", "晚上八点", "8点", "2026年11月24日", ""],
        ),
        (
            "date",
            ["2026年11月24日", "2026-11-24", "2026/11/24 20:00", "2026年1月1日~2026年2月1日"],
            ["11月24日", "20:00", "明天"],
        ),
        ("number", ["12", "3.5", "1" * 32], ["1" * 33, "十二", "-"]),
        ("letter", ["ABC"], ["A1", "A" * 33]),
        ("symbol", ["%", "!!!"], ["a", "%%%%%%"]),
        ("amount", ["￥100.50", "100元", "100"], ["一百元", "1.005"]),
        ("phone_number", ["0592-1234567", "+8613900000000"], ["1" * 18, "电话"]),
        ("car_number", ["闽DTEST1"], ["闽D12345678"]),
        ("name", ["测试甲", "Test Person"], ["字" * 11, "a" * 21, "测试1"]),
    ],
)
def test_limits(kind: str, fits: list[str], does_not: list[str]) -> None:
    for value in fits:
        assert field_allows(f"{kind}1", value), value
    for value in does_not:
        assert not field_allows(f"{kind}1", value), value


def test_an_unknown_kind_of_field_takes_nothing() -> None:
    assert not field_allows("poem1", "x")
