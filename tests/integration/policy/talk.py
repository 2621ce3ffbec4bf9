"""A family that talks about policy with the steps themselves, without Rasa."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from bot.delivery import outbox
from bot.dialogue import inbox, policy, stages
from bot.dialogue.pipeline import load_turn, write_drafts
from bot.installation import Installation
from bot.policy.documents import read_document
from bot.policy.library import import_document
from bot.wechat import inbound

_numbers = itertools.count(1)

FUJIAN = """测试省民政厅关于做好社区康复补助工作的通知
测民〔2025〕7号

各设区市民政局：

一、补助对象

（一）家庭困难的精神障碍患者，参加社区康复的，每人每月给予交通补助60元。

（二）照护者喘息服务每年不少于10天。

二、申请办法

（一）由患者或者监护人向户口所在地乡镇政府提出书面申请，交身份证、诊断证明。

测试省民政厅
2025年3月2日
"""


def put_document(installation: Installation, text: str = FUJIAN, *, region: str = "350000") -> int:
    """Import a document of the tests' own; returns its id."""
    document = read_document(text.encode(), "test.txt", region=region)
    with installation.database.transaction() as session:
        done = import_document(
            session, document=document, by="system:test", now=installation.clock()
        )
    return done.document_id


@dataclass
class Talk:
    """One phone. What it says passes the stages of a turn; what is left is taken for a question."""

    installation: Installation
    openid: str = field(default_factory=lambda: f"o-policy-{next(_numbers)}")

    def say(self, text: str) -> str:
        """Say something; returns all that is answered, as WeChat shows it."""
        now = self.installation.clock()
        with self.installation.database.transaction() as session:
            push = inbound.Text(person=self.openid, dedupe_key=f"p{next(_numbers)}", content=text)
            accepted = inbox.accept(session, push=push, now=now)
            session.flush()
            turn = load_turn(session, accepted.message_id, self.installation)
            if stages.before_understanding(turn) is not None:
                policy.answer(turn)  # as understanding would have led to
            write_drafts(turn)
            session.flush()
            answered = outbox.release(
                session,
                message_id=accepted.message_id,
                contact=turn.contact,
                passive=True,
                now=now,
            )
            turn.message.state, turn.message.done_at = "done", now
            return answered or ""


def write(folder: Path, name: str, text: str) -> Path:
    """A file of the tests' own."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
