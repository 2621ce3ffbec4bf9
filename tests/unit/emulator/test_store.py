from __future__ import annotations

from pathlib import Path

import pytest

from bot.emulator.model import Counter, Fault, Gone, Person, PhoneMessage, Push
from bot.emulator.store import KEPT_PUSHES, Store


def message(seq: int, openid: str = "o1") -> PhoneMessage:
    return PhoneMessage(seq, openid, 0.0, "account", "custom", "text", {"content": f"{seq}"})


def opened(path: Path | None, history: int = 10) -> Store:
    return Store(path, history=history)


def test_what_was_committed_is_read_again(tmp_path: Path) -> None:
    first = opened(tmp_path)
    person = Person("o1", "测试甲", once={"t": 2})
    first.commit(person, message(1))
    person.following = True
    first.commit(person, message(2), Counter("calls", 3), Fault(1, "html"), Fault(2, "html"))
    first.commit(Gone("fault", "1"))
    first.close()
    second = opened(tmp_path)
    assert second.people == {"o1": person}
    assert [m.seq for m in second.phone("o1")] == [1, 2]
    assert list(second.faults) == [2]
    assert (second.last_seq, second.last_fault) == (2, 2)
    assert second.counters["calls"].value == 3
    second.close()


@pytest.mark.parametrize("torn", [b"[", b'[{"is":"person","openid":"o2"', b"\x00"])
def test_a_line_torn_by_a_crash_is_forgotten(tmp_path: Path, torn: bytes) -> None:
    first = opened(tmp_path)
    first.commit(Person("o1", "测试甲"))
    first.close()
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(torn)
    second = opened(tmp_path)
    second.commit(Person("o3", "测试丙"))
    second.close()
    third = opened(tmp_path)
    assert list(third.people) == ["o1", "o3"]
    third.close()


def test_opening_again_and_again_does_not_make_the_file_grow(tmp_path: Path) -> None:
    sizes = []
    for _ in range(3):
        store = opened(tmp_path)
        store.commit(*(Counter("c", n) for n in range(2000)))
        store.close()
        sizes.append((tmp_path / "journal.jsonl").stat().st_size)
    assert max(sizes) < min(sizes) + 100


def test_a_phone_keeps_its_newest_lines_and_counts_all() -> None:
    store = opened(None, history=3)
    store.commit(*(message(n) for n in range(1, 6)))
    assert [m.seq for m in store.phone("o1")] == [3, 4, 5]
    assert [m.seq for m in store.after("o1", 3)] == [4, 5]
    assert store.after("o2", 0) == []
    assert store.last_seq == 5


def test_pushes_under_way_are_never_dropped() -> None:
    store = opened(None)
    waiting = Push(1, "o1", 0.0, {})
    store.commit(waiting)
    for number in range(2, 2 * KEPT_PUSHES + 10):
        store.commit(Push(number, "o1", 0.0, {}, outcome="answered"))
    assert store.pushes[1] is waiting
    assert len(store.pushes) <= 2 * KEPT_PUSHES


def test_running_totals_survive_and_do_not_double(tmp_path: Path) -> None:
    first = opened(tmp_path)
    person = Person("o1", "测试甲")
    for number in range(1, 4):
        person.received["custom"] = number
        first.received["custom"] = number
        first.commit(person, message(number))
    first.close()
    for _ in range(2):
        again = opened(tmp_path)
        assert again.received == {"custom": 3}
        again.close()


def test_a_reset_forgets_files_too(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.keep_file("m1", b"content")
    assert store.read_file("m1") == b"content"
    store.commit(Gone("media", "m1"))
    assert not (tmp_path / "media" / "m1").exists()
    store.commit(Person("o1", "测试甲"))
    store.reset()
    store.close()
    again = opened(tmp_path)
    assert again.people == {}
    again.close()
