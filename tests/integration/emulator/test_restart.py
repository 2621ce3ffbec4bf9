"""The emulator is killed and goes on where it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.emulator.catalogue import REMINDER_TEMPLATE_ID
from bot.emulator.client import EmulatorClient

from .conftest import Api, FakeBot, free_port, passive, wait_until_served


class Process:
    def __init__(self, bot: FakeBot, data_path: Path) -> None:
        self.bot, self.data_path, self.port = bot, data_path, free_port()
        self.client = EmulatorClient(f"http://127.0.0.1:{self.port}")
        self.start()

    def start(self) -> None:
        self.running = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("serving.py")),
                str(self.port),
                self.bot.url,
                str(self.data_path),
            ]
        )
        wait_until_served(self.client)

    def kill(self) -> None:
        self.running.kill()
        self.running.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


@pytest.fixture
def process(bot: FakeBot, tmp_path: Path) -> Iterator[Process]:
    started = Process(bot, tmp_path)
    yield started
    started.kill()
    started.client.close()


def test_everything_is_there_after_a_kill(process: Process, bot: FakeBot) -> None:
    phone = process.client
    person = phone.add_person("测试甲").openid
    phone.follow(person)
    bot.replies(passive("您好"))
    phone.say(person, "在吗")
    phone.send_media(person, "image", b"picture", mime="image/png")
    phone.answer_consent(person, REMINDER_TEMPLATE_ID, "accept")
    api = Api(phone.base_url)
    api.send_text(person, "客服的话")
    button = {"type": "click", "name": "查", "key": "k"}
    api.call("/cgi-bin/menu/create", {"button": [button]})
    phone.add_fault("errcode", errcode=45009, path="/cgi-bin/message/custom/typing", times=2)
    phone.set_clock(60)

    def everything() -> tuple[object, ...]:
        return (
            phone.person(person),
            phone.messages(person),
            phone.pushes(),
            phone.faults(),
            phone.delivered(),
            phone.state(),
            api.call("/cgi-bin/menu/get"),
        )

    before = everything()
    for _ in range(2):  # the second start reads what the first one wrote anew
        process.restart()
        assert everything() == before
    media_id = next(m for m in phone.messages(person) if m.type == "image").content["media_id"]
    assert api.raw("/cgi-bin/media/get", media_id=media_id).content == b"picture"
    assert api.send_text(person, "还在")["errcode"] == 0
    assert phone.messages(person)[-1].seq == before[1][-1].seq + 1  # type: ignore[index]


def test_a_push_that_was_not_answered_is_pushed_again(process: Process, bot: FakeBot) -> None:
    phone = process.client
    person = phone.add_person("测试甲", following=True).openid
    bot.answer = bot.never
    phone.say(person, "在吗", wait=False)
    process.kill()
    bot.ended.set()
    bot.replies(passive("来了"))
    process.start()
    assert phone.wait_message(person).text == "来了"
    assert len({fields["MsgId"] for fields in bot.fields}) == 1
    phone.wait_idle()


def test_a_second_emulator_on_the_same_files_is_refused(process: Process) -> None:
    second = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("serving.py")),
            str(free_port()),
            "http://127.0.0.1:9/",
            str(process.data_path),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode != 0
    assert "another emulator is using" in second.stderr
