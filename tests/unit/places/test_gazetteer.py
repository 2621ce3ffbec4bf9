"""The tables of divisions, and questions by code."""

from __future__ import annotations

import statistics
import time

import pytest

from bot.places import ancestors, counties, find, get, is_within, name
from bot.places.gazetteer import namings, places


def test_a_county_knows_its_city_and_province() -> None:
    assert ancestors("350203") == ("350200", "350000")
    assert name("350203") == "思明区"
    place = get("350203")
    assert place is not None
    assert (place.full_name, place.level) == ("福建省厦门市思明区", "county")


def test_counties_directly_below_a_province_have_no_city() -> None:
    assert ancestors("429004") == ("420000",)
    assert ancestors("110105") == ("110000",)


def test_within_goes_all_the_way_up_and_includes_itself() -> None:
    assert is_within("410923", "410900")
    assert is_within("410923", "410000")
    assert is_within("410923", "410923")
    assert not is_within("410923", "350000")
    assert not is_within("410000", "410923")
    assert not is_within("999999", "410000")


def test_counties_leave_out_development_zones() -> None:
    assert set(counties("410900")) == {"410902", "410922", "410923", "410926", "410927", "410928"}
    assert len(counties("350000")) == 84
    assert counties("350203") == ()


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_four_cities_have_no_counties(code: str) -> None:
    assert counties(code) == ()


def test_changes_since_the_table_are_applied() -> None:
    assert name("500157") == "两江新区"
    assert name("653132") == "岑岭县"
    abolished = get("500112")
    assert abolished is not None
    assert not abolished.current
    assert "500112" not in counties("500000")


def test_an_unknown_code_is_nothing() -> None:
    assert get("123456") is None
    with pytest.raises(KeyError):
        name("123456")
    with pytest.raises(KeyError):
        ancestors("123456")


def test_every_current_division_is_found_by_its_full_name() -> None:
    lost = []
    for place in places().values():
        if place.current and place.parent:
            found = [match.code for match in find(place.full_name)]
            if place.code not in found:
                lost.append((place.full_name, found))
    assert not lost


def test_every_name_leads_to_divisions_that_exist() -> None:
    current = {code for code, place in places().items() if place.current}
    for surface, claims in namings().items():
        assert claims, surface
        assert {claim.code for claim in claims} <= current, surface


def test_a_message_takes_less_than_a_millisecond() -> None:
    message = "我在外省打工 爸妈带着我哥在老家南乐 他们俩都不会弄手机 我能远程给我哥报上不"
    find(message)
    times = []
    for _ in range(200):
        started = time.perf_counter()
        find(message)
        times.append(time.perf_counter() - started)
    assert statistics.median(times) < 0.001
