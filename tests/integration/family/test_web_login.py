"""Web login over the platform's own pages, as the emulator plays them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from bot.emulator.client import EmulatorClient
from bot.family.signing_in import SignInFailed, SnapshotVisitor
from bot.installation import Installation
from bot.web_login import PlatformWebLogin
from bot.wechat.client import PlatformClient
from bot.wechat.testing import MemoryTokenStore
from tests.integration.family.emulated import serving
from tests.integration.family.home import Home


def web_login(installation: Installation, origin: str) -> PlatformWebLogin:
    secrets = installation.secrets
    return PlatformWebLogin(
        PlatformClient(
            secrets.app_id,
            secrets.app_secret,
            api_base=origin,
            token_store=MemoryTokenStore(),
            clock=installation.clock,
        )
    )


def test_the_whole_way_over_the_platform(home: Home) -> None:
    with serving(home.installation) as emulator:
        login = web_login(home.installation, emulator.base_url)
        home.app.state.web_login = login
        mother = emulator.add_person("测试妈妈", following=True).openid
        case = home.case(mother)
        phone = home.phone()
        there = phone.get("/family/sign-in?to=/family").headers["location"]
        back = urlsplit(emulator.log_in(mother, there))
        answer = phone.get(f"{back.path}?{back.query}")
        assert answer.headers["location"] == "/family"
        assert case.receipt_number in phone.get("/family").text
        code = parse_qs(back.query)["code"][0]
        with pytest.raises(SignInFailed):
            login.openid_of(code)  # a code serves once
        snapshot = _snapshot(emulator, mother, there)
        with pytest.raises(SnapshotVisitor):
            login.openid_of(snapshot)
    with pytest.raises(SignInFailed):
        login.openid_of("anything")  # the platform is away


def _snapshot(emulator: EmulatorClient, openid: str, there: str) -> str:
    plain = there.partition("#")[0]
    back = emulator.log_in(openid, f"{plain}&snapshot=1")
    return parse_qs(urlsplit(back).query)["code"][0]
