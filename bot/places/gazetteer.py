"""The administrative divisions of China to county level, and every name they go by.

The data files beside this module say where they come from and how to edit them; this module only
reads them. Codes are the six digits of GB/T 2260.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Level = Literal["province", "city", "county"]
Form = Literal["full", "former", "zone", "short", "variant", "local"]
"""How a name stands to its place: the official name, an abolished one, a development zone, the name
without its 县, 区 or 市, the name with another such ending (永定县 for 永定区), or local usage."""


@dataclass(frozen=True, slots=True)
class Place:
    """One division. `parent` is a code, empty for a province; `current` is false once abolished."""

    code: str
    name: str
    full_name: str
    level: Level
    parent: str
    current: bool = True


@dataclass(frozen=True, slots=True)
class Naming:
    """One surface form's claim to mean `code`."""

    code: str
    form: Form


PEOPLES = (
    "满族|回族|蒙古族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|"
    "佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|"
    "阿昌族|普米族|塔吉克族|怒族|鄂温克族|裕固族|独龙族|鄂伦春族|保安族|各族"
)
_ENDING = re.compile(r"(?:自治[县旗州]|地区|特区|林区|盟|州|县|市|区|旗|行政委员会)$")
_PEOPLE = re.compile(f"(?:{PEOPLES})$")
_SHORT_PEOPLE = re.compile(r"(?<=..)(?:哈萨克|蒙古|锡伯|塔吉克|回|壮|维吾尔)$")
_PROVINCE = re.compile(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")
_ZONE = re.compile(
    r"(?:(?P<hitech>高新技术产业(?:开发区|园区)|高技术产业开发区|高新技术开发区)|(?P<economic>经济(?:技术)?开发区))$"
)
_MANAGED = re.compile(r"开发|产业|园|新区|示范|管理|新城|管委会|景区|实验")
_OTHER_ENDINGS: dict[Level, tuple[str, ...]] = {
    "province": (),
    "city": ("市", "州", "地区", "盟"),
    "county": ("县", "区", "市", "旗"),
}


def _rows(file_name: str) -> Iterator[list[str]]:
    text = (files("bot.places") / "data" / file_name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def everyday_words() -> frozenset[str]:
    """Names that are only taken for a place where the context says so."""
    return frozenset(word for row in _rows("everyday.txt") for word in row[0].split())


@cache
def places() -> dict[str, Place]:
    """Every division by code, abolished ones of `changes.tsv` included."""
    names = dict(_rows("divisions.tsv"))
    zones = dict(_rows("zones.tsv"))
    names |= zones
    abolished: set[str] = set()
    for action, code, name, _since, _source in _rows("changes.tsv"):
        if action == "drop":
            abolished.add(code)
        elif action in {"add", "rename"}:
            names[code] = name
        else:
            raise ValueError(f"changes.tsv: unknown action {action!r} for {code}")
    result: dict[str, Place] = {}
    for code, name in sorted(names.items()):
        parent = _parent(code, names)
        above = result[parent].full_name if parent else ""
        own = _own_zone_name(code, name, result) if code in zones else name
        full_name = above + own
        result[code] = Place(code, name, full_name, _level(code), parent, code not in abolished)
    return result


def _level(code: str) -> Level:
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def _parent(code: str, names: dict[str, str]) -> str:
    level = _level(code)
    if level == "province":
        return ""
    city = code[:4] + "00"
    return city if level == "county" and city in names else code[:2] + "0000"


def stem(place: Place) -> str:
    """The name without its ending and its peoples: 孟村回族自治县 → 孟村, 厦门市 → 厦门."""
    if place.level == "province":
        return _PROVINCE.sub("", place.name)
    bare = _ENDING.sub("", place.name)
    while (shorter := _PEOPLE.sub("", bare)) not in {bare, ""}:
        bare = shorter
    if "自治" in place.name:
        bare = _SHORT_PEOPLE.sub("", bare)
    return bare


@cache
def children() -> dict[str, tuple[str, ...]]:
    """Current divisions directly below each code, development zones left out."""
    zones = {code for code, _ in _rows("zones.tsv")}
    below: dict[str, list[str]] = defaultdict(list)
    for place in places().values():
        if place.parent and place.current and place.code not in zones:
            below[place.parent].append(place.code)
    return {code: tuple(codes) for code, codes in below.items()}


@cache
def namings() -> dict[str, tuple[Naming, ...]]:
    """Every surface form with the divisions it may mean; weaker claims only where no stronger."""
    claims: dict[str, dict[str, Form]] = defaultdict(dict)
    zones = {code for code, _ in _rows("zones.tsv")}

    def claim(surface: str, code: str, form: Form) -> None:
        if len(surface) > 1:
            claims[surface].setdefault(code, form)

    current = [place for place in places().values() if place.current]
    for place in current:
        claim(place.name, place.code, "zone" if place.code in zones else "full")
    for surface, codes, kind in _rows("aliases.tsv"):
        forms: dict[str, Form] = {"former": "former", "short": "short", "local": "local"}
        for code in codes.split(","):
            if code not in places():
                raise ValueError(f"aliases.tsv: {surface} leads to the unknown code {code}")
            claim(surface, code, forms[kind])
            if kind == "former" and len(surface) > 2:
                claim(_ENDING.sub("", surface), code, "short")
    for place in current:
        if place.code in zones:
            for surface in _zone_names(place):
                claim(surface, place.code, "zone")
            continue
        bare = stem(place)
        if len(bare) < 2:
            continue
        claim(bare, place.code, "short")
        for ending in _OTHER_ENDINGS[place.level]:
            claim(bare + ending, place.code, "variant")
    return {surface: _strongest(surface, found) for surface, found in claims.items()}


def _own_zone_name(code: str, name: str, above: dict[str, Place]) -> str:
    """河北邢台经济开发区 → 经济开发区: what is left without province and city."""
    city, province = above[code[:4] + "00"], above[code[:2] + "0000"]
    return re.sub(rf"^(?:{stem(province)})?(?:{stem(city)}市?)?", "", name) or name


def _zone_names(place: Place) -> Iterator[str]:
    """What people call a zone: 濮阳经济技术开发区 → 濮阳经开区, 濮阳开发区, 开发区."""
    city = stem(places()[place.parent])
    own = _own_zone_name(place.code, place.name, places())
    yield city + own
    yield city + "市" + own
    if found := _ZONE.search(place.name):
        kinds = ("高新区",) if found["hitech"] else ("经开区", "经济开发区", "开发区")
        for kind in kinds:
            yield city + kind
            yield city + "市" + kind
            yield kind
    if own != place.name:
        yield own
    if not _MANAGED.search(place.name):
        yield stem(place)


_EQUALLY_KNOWN = frozenset({"朝阳", "兴安"})
_RANK: dict[Form, int] = {"full": 0, "former": 0, "zone": 0, "short": 1, "local": 1, "variant": 2}


def _strongest(surface: str, found: dict[str, Form]) -> tuple[Naming, ...]:
    best = min(_RANK[form] for form in found.values())
    kept = {code: form for code, form in found.items() if _RANK[form] == best}
    # A county seat shares its city's name (濮阳市, 濮阳县), a city its province's (吉林): the bare name
    # means the larger one, which the person who asks can then narrow down.
    codes = [code for code in kept if not any(other in kept for other in _above(code))]
    # With a province or city in the running, a distant district of that name is far-fetched (西安区
    # in 牡丹江), except where the city is no better known than the others.
    if best == 1 and surface not in _EQUALLY_KNOWN:
        for level in ("province", "city"):
            larger = [code for code in codes if _level(code) == level]
            if larger:
                codes = larger
                break
    return tuple(Naming(code, kept[code]) for code in sorted(codes))


def _above(code: str) -> Iterator[str]:
    parent = places()[code].parent
    while parent:
        yield parent
        parent = places()[parent].parent
