"""What the client says to the platform, and what it makes of the answers."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot.wechat.calls import Calls
from bot.wechat.client import REAL_ORIGIN, PlatformClient, WebLogin
from bot.wechat.errors import TABLE, TOKEN_CODES
from bot.wechat.failures import (
    PlatformFailure,
    PlatformRefused,
    PlatformUnreachable,
    SnapshotUser,
    TokenUnavailable,
    UnsafeContent,
)
from bot.wechat.replies import Article
from bot.wechat.testing import MemoryTokenStore
from tests.unit.wechat.conftest import APP_ID, OPENID, SECRET, Clock
from tests.unit.wechat.platform_stub import PlatformStub, Said

SEND = "/cgi-bin/message/custom/send"
NewClient = Callable[..., PlatformClient]

# (call, path it must reach, JSON body it must send)
SENDING: dict[str, tuple[Callable[[PlatformClient], Any], str, dict[str, Any]]] = {
    "text": (
        lambda client: client.send_text(OPENID, "您好\x00"),
        SEND,
        {"touser": OPENID, "msgtype": "text", "text": {"content": "您好"}},
    ),
    "menu": (
        lambda client: client.send_menu(
            OPENID, head="吃药了吗？", choices=[(1, "吃了"), (2, "还没有")], tail="点一下就行"
        ),
        SEND,
        {
            "touser": OPENID,
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "吃药了吗？",
                "list": [{"id": "1", "content": "吃了"}, {"id": "2", "content": "还没有"}],
                "tail_content": "点一下就行",
            },
        },
    ),
    "image": (
        lambda client: client.send_image(OPENID, "M"),
        SEND,
        {"touser": OPENID, "msgtype": "image", "image": {"media_id": "M"}},
    ),
    "news": (
        lambda client: client.send_news(OPENID, Article("题", "述", "https://x.test/1")),
        SEND,
        {
            "touser": OPENID,
            "msgtype": "news",
            "news": {
                "articles": [
                    {"title": "题", "description": "述", "url": "https://x.test/1", "picurl": ""}
                ]
            },
        },
    ),
    "typing": (
        lambda client: client.typing(OPENID),
        "/cgi-bin/message/custom/typing",
        {"touser": OPENID, "command": "Typing"},
    ),
    "template": (
        lambda client: client.send_template(
            OPENID, "T", {"thing1": "复诊"}, client_msg_id="outbox-7", url="https://x.test/1"
        ),
        "/cgi-bin/message/template/send",
        {
            "touser": OPENID,
            "template_id": "T",
            "data": {"thing1": {"value": "复诊"}},
            "client_msg_id": "outbox-7",
            "url": "https://x.test/1",
        },
    ),
    "subscription": (
        lambda client: client.send_subscription(
            OPENID,
            "T",
            {"thing1": "复诊", "time2": "2026年11月25日 09:00"},
            page="https://x.test/2",
            mini_program={"appid": "wx1", "pagepath": "p"},
        ),
        "/cgi-bin/message/subscribe/bizsend",
        {
            "touser": OPENID,
            "template_id": "T",
            "data": {"thing1": {"value": "复诊"}, "time2": {"value": "2026年11月25日 09:00"}},
            "page": "https://x.test/2",
            "miniprogram": {"appid": "wx1", "pagepath": "p"},
        },
    ),
    "menu of the account": (
        lambda client: client.create_menu([{"type": "click", "name": "申请", "key": "apply"}]),
        "/cgi-bin/menu/create",
        {"button": [{"type": "click", "name": "申请", "key": "apply"}]},
    ),
    "clear quota": (
        lambda client: client.clear_quota(),
        "/cgi-bin/clear_quota",
        {"appid": APP_ID},
    ),
    "check callback": (
        lambda client: client.check_callback(),
        "/cgi-bin/callback/check",
        {"action": "all", "check_operator": "DEFAULT"},
    ),
}


@pytest.mark.parametrize("name", SENDING)
def test_body_and_address(client: PlatformClient, stub: PlatformStub, name: str) -> None:
    call, path, body = SENDING[name]
    call(client)
    (heard,) = stub.calls(path)
    assert heard.method == "POST"
    assert heard.json == body
    assert heard.query == {"access_token": "token-1"}
    assert b"\\u" not in heard.body


class TestToken:
    def test_comes_from_stable_token(self, client: PlatformClient, stub: PlatformStub) -> None:
        client.check_token()
        (heard,) = stub.calls("/cgi-bin/stable_token")
        assert heard.json == {
            "grant_type": "client_credential",
            "appid": APP_ID,
            "secret": SECRET,
            "force_refresh": False,
        }
        assert not stub.calls("/cgi-bin/token")

    @pytest.mark.parametrize("code", sorted(TOKEN_CODES))
    def test_one_retry_with_another_token(
        self, client: PlatformClient, stub: PlatformStub, code: int
    ) -> None:
        stub.answer(SEND, {"errcode": code, "errmsg": "x"}, {"errcode": 0, "errmsg": "ok"})
        client.send_text(OPENID, "您好")
        used = [heard.query["access_token"] for heard in stub.calls(SEND)]
        assert used == ["token-1", "token-2"]

    @pytest.mark.parametrize("code", [40001, 40014, 42001])
    def test_a_token_that_stays_invalid_ends(
        self, client: PlatformClient, stub: PlatformStub, code: int
    ) -> None:
        stub.answer(SEND, {"errcode": code, "errmsg": "invalid credential rid: 1-2-3"})
        with pytest.raises(PlatformRefused) as caught:
            client.send_text(OPENID, "您好")
        assert (caught.value.code, caught.value.rid) == (code, "1-2-3")
        assert len(stub.calls(SEND)) == 2

    def test_many_threads_and_processes_fetch_one(
        self, new_client: NewClient, stub: PlatformStub
    ) -> None:
        clients = [new_client() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda client: client.send_text(OPENID, "您好"), clients * 3))
        assert stub.tokens_issued == 1
        assert len(stub.calls(SEND)) == 24

    def test_of_an_account_whose_address_is_not_allowed(
        self, client: PlatformClient, stub: PlatformStub
    ) -> None:
        stub.answer("/cgi-bin/stable_token", {"errcode": 40164, "errmsg": "invalid ip 10.0.0.1"})
        with pytest.raises(TokenUnavailable) as caught:
            client.send_text(OPENID, "您好")
        assert (caught.value.sent, caught.value.errcode) == (False, 40164)
        assert not stub.calls(SEND)

    @pytest.mark.parametrize(
        "answer",
        [
            {"access_token": "", "expires_in": 7200},
            {"access_token": "t"},
            {"access_token": "t", "expires_in": 0},
            {"access_token": "t", "expires_in": "7200"},
            {"access_token": 5, "expires_in": 7200},
            {},
            [],
        ],
    )
    def test_answers_that_hold_none(
        self, client: PlatformClient, stub: PlatformStub, answer: Any
    ) -> None:
        stub.answer("/cgi-bin/stable_token", answer)
        with pytest.raises(TokenUnavailable):
            client.check_token()

    def test_fetching_one_has_a_time_out(self, new_client: NewClient, stub: PlatformStub) -> None:
        never = threading.Event()
        stub.answer("/cgi-bin/stable_token", Said(hang=never))
        with pytest.raises(TokenUnavailable):
            new_client(timeout=0.2).check_token()
        never.set()


class TestNoUsableAnswer:
    def failure(self, client: PlatformClient) -> PlatformUnreachable:
        with pytest.raises(PlatformUnreachable) as caught:
            client.send_text(OPENID, "您好")
        return caught.value

    def test_read_time_out_leaves_open_whether_it_arrived(
        self, new_client: NewClient, stub: PlatformStub
    ) -> None:
        client = new_client(timeout=0.2)
        client.check_token()
        never = threading.Event()
        stub.answer(SEND, Said(hang=never))
        began = time.monotonic()
        assert self.failure(client).sent is None
        assert time.monotonic() - began < 2
        never.set()
        assert len(stub.calls(SEND)) == 1  # and it was not repeated behind our back

    def test_dripping_answer(self, new_client: NewClient, stub: PlatformStub) -> None:
        client = new_client(timeout=0.3)
        client.check_token()
        stub.answer(SEND, Said(drip=True))
        failure = self.failure(client)
        assert (failure.sent, failure.reason) == (None, "the answer took too long")

    def test_closed_connection(self, client: PlatformClient, stub: PlatformStub) -> None:
        client.check_token()
        stub.answer(SEND, Said(drop=True))
        assert self.failure(client).sent is None

    def test_refused_connection_surely_did_not_arrive(
        self, clock: Clock, stub: PlatformStub, new_client: NewClient
    ) -> None:
        store = MemoryTokenStore()
        new_client(store).check_token()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        client = PlatformClient(
            APP_ID, SECRET, api_base=f"http://127.0.0.1:{port}", token_store=store, clock=clock
        )
        assert self.failure(client).sent is False

    def test_unknown_host_surely_did_not_arrive(
        self, clock: Clock, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = MemoryTokenStore()
        new_client(store).check_token()

        def no_such_name(*_: Any, **__: Any) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
        origin = "http://platform.invalid"
        client = PlatformClient(APP_ID, SECRET, api_base=origin, token_store=store, clock=clock)
        assert self.failure(client).sent is False

    @pytest.mark.parametrize(
        "said",
        [
            Said(b"<html>login to the network</html>", content_type="text/html"),
            Said(b""),
            Said(b"null"),
            Said(b"[]"),
            Said(b'"ok"'),
            Said(b'{"errcode": "soon"}'),
            Said(b'{"errcode": null}'),
            Said(b'{"errcode": 1e999}'),
            Said(b"[" * 100_000),
            Said(b"\xff\xfe"),
            Said(b"{}", status=500),
            Said(b"{}", status=404),
            Said(b'{"errcode":0}', status=204),
            Said(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}),
        ],
    )
    def test_is_never_success(self, client: PlatformClient, stub: PlatformStub, said: Said) -> None:
        stub.answer(SEND, said)
        assert self.failure(client).sent is None
        assert len(stub.calls(SEND)) == 1

    def test_too_large(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer(SEND, Said(b'{"errcode":0}' + b" " * (5 * 2**20)))
        failure = self.failure(client)
        assert (failure.sent, failure.reason) == (None, "the answer is too large")

    def test_raw_control_characters_in_json_are_read(
        self, client: PlatformClient, stub: PlatformStub
    ) -> None:
        stub.answer("/cgi-bin/menu/get", Said(b'{"menu":{"button":[{"name":"a\x02b"}]}}'))
        assert client.get_menu() == [{"name": "a\x02b"}]

    def test_shows_no_secret_anywhere(self, new_client: NewClient, stub: PlatformStub) -> None:
        client = new_client(timeout=0.2)
        client.check_token()
        never = threading.Event()
        said: list[Any] = [Said(drop=True), Said(hang=never), Said(b"<html>"), {"errcode": 45015}]
        for answer in said:
            stub.answer(SEND, answer)
            stub.answer("/sns/oauth2/access_token", answer)
            for call in (
                lambda: client.send_text(OPENID, "秘密"),
                lambda: client.oauth_access_token("CODE"),
            ):
                with pytest.raises(PlatformFailure) as caught:
                    call()
                shown = "".join(traceback.format_exception(caught.value))
                for secret in ("token-1", SECRET, "CODE", OPENID, "秘密"):
                    assert secret not in shown.replace('oauth_access_token("CODE")', "").replace(
                        'send_text(OPENID, "秘密")', ""
                    )
        never.set()


class TestErrcodes:
    @pytest.mark.parametrize("code", sorted(set(TABLE) - TOKEN_CODES))
    def test_every_code_of_the_table(
        self, client: PlatformClient, stub: PlatformStub, code: int
    ) -> None:
        stub.answer(SEND, {"errcode": code, "errmsg": "why rid: 6a-1"})
        with pytest.raises(PlatformRefused) as caught:
            client.send_text(OPENID, "您好")
        assert caught.value.code == code
        assert caught.value.meaning is TABLE[code]
        assert (caught.value.errmsg, caught.value.rid) == ("why", "6a-1")
        assert len(stub.calls(SEND)) == 1

    def test_code_as_text(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer(SEND, {"errcode": "45047", "errmsg": "out of response count limit"})
        with pytest.raises(PlatformRefused) as caught:
            client.send_text(OPENID, "您好")
        assert caught.value.code == 45047


class TestRefusedBeforeSending:
    @pytest.mark.parametrize(
        "call",
        [
            lambda client: client.send_text(OPENID, "长" * 683),
            lambda client: client.send_text(OPENID, " \x00 "),
            lambda client: client.send_menu(OPENID, head="x", choices=[]),
            lambda client: client.send_menu(OPENID, head="x", choices=[(0, "零")]),
            lambda client: client.send_menu(OPENID, head="长" * 683, choices=[(1, "一")]),
            lambda client: client.send_template(OPENID, "T", {}, client_msg_id="1"),
            lambda client: client.send_template(
                OPENID, "T", {"thing1": "长" * 21}, client_msg_id="1"
            ),
            lambda client: client.send_subscription(OPENID, "T", {"first": "您好"}),
        ],
    )
    def test_content_the_platform_would_refuse(
        self, client: PlatformClient, stub: PlatformStub, call: Callable[[PlatformClient], None]
    ) -> None:
        with pytest.raises(UnsafeContent):
            call(client)
        assert not stub.heard

    def test_longest_text(self, client: PlatformClient) -> None:
        client.send_text(OPENID, "长" * 682)


class TestResults:
    def test_template_id(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer("/cgi-bin/message/template/send", {"errcode": 0, "msgid": 200228332})
        sent = client.send_template(OPENID, "T", {"thing1": "复诊"}, client_msg_id="1")
        assert sent == "200228332"

    def test_subscription_templates(self, client: PlatformClient, stub: PlatformStub) -> None:
        path = "/wxaapi/newtmpl/gettemplate"
        row = {"priTmplId": "T1", "title": "复诊提醒", "content": "{{thing1.DATA}}", "type": 3}
        stub.answer(path, {"errcode": 0, "data": [row, {"priTmplId": "T2", "type": 2}, "junk"]})
        first, second = client.subscription_templates()
        assert (first.template_id, first.title, first.long_term) == ("T1", "复诊提醒", True)
        assert (second.template_id, second.long_term) == ("T2", False)
        assert stub.calls(path)[0].query == {"access_token": "token-1"}

    def test_menu(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer("/cgi-bin/menu/get", {"menu": {"button": [{"name": "申请"}]}})
        assert client.get_menu() == [{"name": "申请"}]
        stub.answer("/cgi-bin/menu/get", {"errcode": 46003, "errmsg": "menu no exist"})
        assert client.get_menu() == []

    def test_temporary_qr(self, client: PlatformClient, stub: PlatformStub) -> None:
        answer = {"ticket": "a+b/==", "expire_seconds": 60, "url": "http://weixin.test/q/1"}
        stub.answer("/cgi-bin/qrcode/create", answer)
        code = client.create_qr("desk-3", expires=timedelta(days=400))
        assert stub.calls("/cgi-bin/qrcode/create")[0].json == {
            "expire_seconds": 2_592_000,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "desk-3"}},
        }
        assert code.image_url == f"{stub.origin}/cgi-bin/showqrcode?ticket=a%2Bb%2F%3D%3D"
        assert code.expires_in == 60

    def test_permanent_qr(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer("/cgi-bin/qrcode/create", {"ticket": "t", "url": "u"})
        assert client.create_qr("desk-3").expires_in is None
        body = stub.calls("/cgi-bin/qrcode/create")[0].json
        assert body["action_name"] == "QR_LIMIT_STR_SCENE"
        with pytest.raises(ValueError, match="64"):
            client.create_qr("x" * 65)

    def test_upload(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer(
            "/cgi-bin/media/upload",
            {"errcode": 42001, "errmsg": "expired"},
            {"type": "image", "media_id": "M", "created_at": 1},
        )
        assert client.upload_temporary_media("image", b"\xff\xd8jpeg", "image/jpeg") == "M"
        for heard in stub.calls("/cgi-bin/media/upload"):
            assert heard.query["type"] == "image"
            assert heard.file == ("image.jpg", b"\xff\xd8jpeg")

    def test_download(self, client: PlatformClient, stub: PlatformStub) -> None:
        path = "/cgi-bin/media/get"
        stub.answer(
            path,
            Said(b'{"errcode":40001,"errmsg":"x"}', content_type="text/plain"),
            Said(b"\xff\xd8{", content_type="image/jpeg"),
        )
        media = client.download_media("M")
        assert (media.content, media.content_type) == (b"\xff\xd8{", "image/jpeg")
        assert [heard.query for heard in stub.calls(path)] == [
            {"media_id": "M", "access_token": "token-1"},
            {"media_id": "M", "access_token": "token-2"},
        ]
        stub.answer(path, {"video_url": "http://x.test/v"})
        assert client.download_media("M").link == "http://x.test/v"
        stub.answer(path, {"errcode": 40007, "errmsg": "invalid media_id"})
        with pytest.raises(PlatformRefused):
            client.download_media("M")


class TestPages:
    def test_login(self, client: PlatformClient, stub: PlatformStub) -> None:
        path = "/sns/oauth2/access_token"
        stub.answer(path, {"access_token": "w", "openid": OPENID, "scope": "snsapi_base"})
        assert client.oauth_access_token("CODE") == WebLogin(OPENID, "", "snsapi_base")
        (heard,) = stub.calls(path)
        assert heard.query == {
            "appid": APP_ID,
            "secret": SECRET,
            "code": "CODE",
            "grant_type": "authorization_code",
        }

    @pytest.mark.parametrize("mark", [1, "1"])
    def test_a_virtual_user_is_never_returned(
        self, client: PlatformClient, stub: PlatformStub, mark: Any
    ) -> None:
        stub.answer("/sns/oauth2/access_token", {"openid": OPENID, "is_snapshotuser": mark})
        with pytest.raises(SnapshotUser):
            client.oauth_access_token("CODE")

    def test_a_login_without_openid(self, client: PlatformClient, stub: PlatformStub) -> None:
        stub.answer("/sns/oauth2/access_token", {"access_token": "w"})
        with pytest.raises(PlatformUnreachable):
            client.oauth_access_token("CODE")

    def test_addresses_of_pages(self, clock: Clock, client: PlatformClient, stub: Any) -> None:
        url = client.login_url("https://x.test/family?a=1", state="s&t")
        assert url.startswith(
            f"{stub.origin}/connect/oauth2/authorize?appid={APP_ID}&redirect_uri="
        )
        assert "https%3A%2F%2Fx.test%2Ffamily%3Fa%3D1" in url
        assert url.endswith("&scope=snsapi_base&state=s%26t#wechat_redirect")
        real = PlatformClient(APP_ID, SECRET, token_store=MemoryTokenStore(), clock=clock)
        assert real.login_url("https://x.test", state="s").startswith(
            "https://open.weixin.qq.com/connect/oauth2/authorize?"
        )

    def test_js_signature(self, client: PlatformClient, stub: PlatformStub, clock: Clock) -> None:
        path = "/cgi-bin/ticket/getticket"
        stub.answer(path, {"errcode": 0, "ticket": "TICKET", "expires_in": 7200})
        signed = client.js_signature("https://x.test/family?a=1#part", nonce="n")
        text = (
            f"jsapi_ticket=TICKET&noncestr=n&timestamp={signed.timestamp}"
            "&url=https://x.test/family?a=1"
        )
        assert signed.signature == hashlib.sha1(text.encode()).hexdigest()
        assert signed.app_id == APP_ID
        client.js_signature("https://x.test/", nonce="n")
        assert len(stub.calls(path)) == 1
        clock.pass_by(hours=1, minutes=56)
        client.js_signature("https://x.test/", nonce="n")
        assert len(stub.calls(path)) == 2


class TestOneOrigin:
    def test_hosts_written_into_wechatpy_are_replaced(
        self, client: PlatformClient, stub: PlatformStub
    ) -> None:
        calls: Calls = client._calls
        stub.answer("/datacube/getusersummary", {"list": []})
        calls.customservice.get_session(OPENID)  # an absolute address in wechatpy
        calls.datacube.get_user_summary("2026-11-01", "2026-11-02")  # an API_BASE_URL of its own
        paths = [heard.path for heard in stub.heard]
        assert paths[-2:] == ["/customservice/kfsession/getsession", "/datacube/getusersummary"]

    def test_another_host_is_refused(self, client: PlatformClient, stub: PlatformStub) -> None:
        with pytest.raises(AssertionError):
            client._calls.get("https://weixin.qq.com.attacker.test/cgi-bin/x")
        assert not stub.heard

    @pytest.mark.parametrize(
        "origin", ["", "api.weixin.qq.com", "ftp://x", "https://x/cgi-bin", "https://x?y=1"]
    )
    def test_an_origin_is_scheme_host_and_port(self, origin: str, clock: Clock) -> None:
        with pytest.raises(ValueError, match="origin"):
            PlatformClient(
                APP_ID, SECRET, api_base=origin, token_store=MemoryTokenStore(), clock=clock
            )

    def test_loopback_is_not_asked_through_a_proxy(
        self, client: PlatformClient, stub: PlatformStub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        client.check_token()
        assert stub.tokens_issued == 1

    def test_the_real_platform_by_default(self, clock: Clock) -> None:
        client = PlatformClient(APP_ID, SECRET, token_store=MemoryTokenStore(), clock=clock)
        assert client._transport.origin == REAL_ORIGIN
