"""Rasa never sees personal data: a whole application, then a search in everything Rasa keeps."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from bot.db import embedded
from tests.families import Family
from tests.system import System


def test_the_tracker_and_the_logs_hold_nothing(
    new_family: Callable[[], Family], system: System
) -> None:
    mother = new_family()
    mother.name = "欧阳测测月"
    mother.telephone = "13955507788"
    mother.say("我想给女儿报名，她叫欧阳测测月，住在思明区测试街道幸福路88号3栋501室")
    mother.apply("继续")
    mother.say("身份证号是110101199003070012，够不够")
    mother.say("我要投诉")
    mother.say("测试会计扣了我们的押金不退")
    mother.say("跳过")
    assert "投诉交给督导了" in mother.say("1")
    secrets = (mother.name, mother.telephone, "幸福路88号", "110101199003070012", "测试会计")

    server = embedded.start(system.data_dir)
    with psycopg.connect(embedded.url_of(server, "jingkang_rasa")) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        assert tables, "Rasa has its tables"
        kept = "\n".join(
            str(row)
            for (table,) in tables
            for row in connection.execute(f'SELECT * FROM "{table}"'.encode()).fetchall()
        )
    assert mother.openid not in kept
    decoded = kept.encode().decode("unicode_escape", errors="ignore")
    logs = "\n".join(
        path.read_text(errors="replace") for path in (system.data_dir / "logs").glob("*.log")
    )
    for secret in secrets:
        for where, content in (("tracker", kept), ("tracker", decoded), ("logs", logs)):
            assert secret not in content, f"{secret} in {where}"
    assert "〔姓名〕" in kept + decoded or "\\u3014" in kept, "masked words did reach Rasa"
