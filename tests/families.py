"""Invented families that fill in an application: they read what the bot asks, and answer it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.emulator.client import EmulatorClient

# A part of each question, and what this family answers to it.
ANSWERS = (
    ("什么人", "我是他妈妈"),
    ("叫什么名字", "{name}"),
    ("哪一年出生", "34岁"),
    ("哪个县", "思明区的"),
    ("医院或医生有没有建议", "医生建议过"),
    ("想要哪种服务", "1和5"),
    ("哪个电话", "{telephone}"),
    ("监护人吗", "是"),
    ("您同意吗", "同意"),
    ("本人愿意参加吗", "愿意"),
    ("回复“确认”", "确认"),
)
DONE = "回执编号"


@dataclass
class Family:
    """One caregiver on an emulated phone."""

    phone: EmulatorClient
    openid: str
    name: str
    telephone: str
    said: list[str] = field(default_factory=list)

    def answer_to(self, shown: str) -> str | None:
        """What this family answers to the last question in a text; None when nothing is asked."""
        found = [(shown.rfind(part), words) for part, words in ANSWERS if part in shown]
        if not found:
            return None
        words = max(found)[1]
        return words.format(name=self.name, telephone=self.telephone)

    def say(self, text: str, *, silent: bool = False) -> str:
        """Say something; returns what the account answers to it, however it comes.

        With ``silent`` no answer is expected, and whatever came with the push is returned.
        """
        self.said.append(text)
        before = max((line.seq for line in self.phone.messages(self.openid)), default=0)
        shown = self.phone.say(self.openid, text).shown
        if not silent and not any(line.side == "account" for line in shown):
            # Too late for the passive reply: it comes by customer service.
            self.phone.wait_message(self.openid, after=before)
        lines = self.phone.messages(self.openid, after=before)
        return "\n".join(line.text for line in lines if line.side == "account")

    def hears(self, text: str, *parts: str) -> list[str]:
        """Say something and wait until each part has arrived; returns the messages, in order."""
        self.said.append(text)
        before = max((line.seq for line in self.phone.messages(self.openid)), default=0)
        self.phone.say(self.openid, text)
        for part in parts:
            self.phone.wait_message(self.openid, after=before, contains=part)
        lines = self.phone.messages(self.openid, after=before)
        return [line.text for line in lines if line.side == "account"]

    def apply(self, opening: str = "我想给儿子报名社区康复") -> str:
        """Fill in the whole application; returns the receipt number."""
        answer = self.say(opening)
        for _ in range(30):
            if (number := self.receipt_number()) is not None:
                return number
            words = self.answer_to(answer)
            assert words is not None, f"nothing to answer in: {answer}"
            answer = self.say(words)
        raise AssertionError(f"no receipt number: {answer}")

    def shown(self) -> str:
        """Everything that the account has said to this phone."""
        lines = self.phone.messages(self.openid)
        return "\n".join(line.text for line in lines if line.side == "account")

    def receipt_number(self) -> str | None:
        shown = self.shown()
        if DONE not in shown:
            return None
        return shown.split(DONE, 1)[1].lstrip("：").split("（", 1)[0].split("\n", 1)[0].strip()


def family(phone: EmulatorClient, number: int) -> Family:
    """Family number so-and-so, visibly invented."""
    han = "甲乙丙春戊己庚辛壬癸"
    openid = phone.add_person(f"测试家属{number}", following=True).openid
    name = f"测试{han[number // 10 % 10]}{han[number % 10]}"
    return Family(phone, openid, name, f"1390000{number:04d}")
