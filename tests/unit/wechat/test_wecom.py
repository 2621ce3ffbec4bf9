"""The staff's 企业微信: robot and application messages."""

from __future__ import annotations

import traceback

import pytest

from bot.wechat.failures import PlatformUnreachable, TokenUnavailable, UnsafeContent
from bot.wechat.testing import MemoryTokenStore
from bot.wechat.wecom import GroupRobot, WecomApp, WecomRefused
from tests.unit.wechat.conftest import Clock
from tests.unit.wechat.platform_stub import PlatformStub, Said

ROBOT = "/cgi-bin/webhook/send"
SEND = "/cgi-bin/message/send"


@pytest.fixture
def robot(stub: PlatformStub) -> GroupRobot:
    return GroupRobot(f"{stub.origin}{ROBOT}?key=robot-secret", timeout=5)


@pytest.fixture
def app(stub: PlatformStub, clock: Clock) -> WecomApp:
    return WecomApp(
        "ww0", "app-secret", 7, token_store=MemoryTokenStore(), clock=clock, api_base=stub.origin
    )


class TestRobot:
    def test_text(self, robot: GroupRobot, stub: PlatformStub) -> None:
        robot.send_text("有新的申请，请看工作台。", mention=["@all"])
        (heard,) = stub.calls(ROBOT)
        assert heard.query == {"key": "robot-secret"}
        assert heard.json == {
            "msgtype": "text",
            "text": {"content": "有新的申请，请看工作台。", "mentioned_list": ["@all"]},
        }

    def test_markdown(self, robot: GroupRobot, stub: PlatformStub) -> None:
        robot.send_markdown("**新的申请**")
        body = stub.calls(ROBOT)[0].json
        assert body == {"msgtype": "markdown", "markdown": {"content": "**新的申请**"}}

    def test_limits(self, robot: GroupRobot, stub: PlatformStub) -> None:
        for call in (
            lambda: robot.send_text("长" * 683),
            lambda: robot.send_markdown("长" * 1366),
            lambda: robot.send_text("  "),
        ):
            with pytest.raises(UnsafeContent):
                call()
        assert not stub.heard

    @pytest.mark.parametrize(
        ("code", "slow"), [(93000, False), (45009, True), (40058, False), (12345, False)]
    )
    def test_errcodes(self, robot: GroupRobot, stub: PlatformStub, code: int, slow: bool) -> None:
        stub.answer(ROBOT, {"errcode": code, "errmsg": "why"})
        with pytest.raises(WecomRefused) as caught:
            robot.send_text("x")
        assert (caught.value.code, caught.value.slow_down) == (code, slow)
        assert caught.value.staff.endswith("。")
        assert "robot-secret" not in "".join(traceback.format_exception(caught.value))

    def test_its_address_is_shown_nowhere(self, robot: GroupRobot, stub: PlatformStub) -> None:
        stub.answer(ROBOT, Said(drop=True))
        with pytest.raises(PlatformUnreachable) as caught:
            robot.send_text("x")
        assert caught.value.sent is None
        assert "robot-secret" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(
        "webhook", ["", "https://x.test/?key=1", "https://x.test/cgi-bin/webhook/send"]
    )
    def test_an_address_that_is_none(self, webhook: str) -> None:
        with pytest.raises(ValueError, match="ends with"):
            GroupRobot(webhook)


class TestApplication:
    def test_text(self, app: WecomApp, stub: PlatformStub) -> None:
        stub.answer(
            SEND,
            {"errcode": 0, "msgid": "m", "invaliduser": "li|wang", "unlicenseduser": "zhao"},
        )
        receipt = app.send_text(["li", "wang", "zhao", "sun"], "有新的申请")
        assert receipt.invalid_users == ("li", "wang")
        assert receipt.unlicensed_users == ("zhao",)
        (token,) = stub.calls("/cgi-bin/gettoken")
        assert token.query == {"corpid": "ww0", "corpsecret": "app-secret"}
        (heard,) = stub.calls(SEND)
        assert heard.query == {"access_token": "token-1"}
        assert heard.json["touser"] == "li|wang|zhao|sun"
        assert heard.json["agentid"] == 7

    def test_one_retry_after_a_refused_token(self, app: WecomApp, stub: PlatformStub) -> None:
        stub.answer(SEND, {"errcode": 42001, "errmsg": "expired"})
        with pytest.raises(WecomRefused):
            app.send_text(["li"], "x")
        assert len(stub.calls(SEND)) == 2

    def test_other_refusals_are_not_repeated(self, app: WecomApp, stub: PlatformStub) -> None:
        stub.answer(SEND, {"errcode": 81013, "errmsg": "all invalid"})
        with pytest.raises(WecomRefused) as caught:
            app.send_text(["li"], "x")
        assert caught.value.code == 81013
        assert len(stub.calls(SEND)) == 1

    def test_no_token(self, app: WecomApp, stub: PlatformStub) -> None:
        stub.answer("/cgi-bin/gettoken", {"errcode": 40001, "errmsg": "invalid secret"})
        with pytest.raises(TokenUnavailable) as caught:
            app.send_text(["li"], "x")
        assert caught.value.errcode == 40001

    @pytest.mark.parametrize("users", [[], ["x"] * 1001])
    def test_recipients(self, app: WecomApp, users: list[str]) -> None:
        with pytest.raises(UnsafeContent):
            app.send_text(users, "x")
