"""Signatures and encryption, on the platform's own examples (消息加解密说明) and on forged ones."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat import crypto as crypto_module
from bot.wechat.crypto import (
    CallbackCrypto,
    CallbackQuery,
    NotFromPlatform,
    Opened,
    ReplayGuard,
    decode_aes_key,
    sign,
)
from bot.wechat.markup import Unreadable, read
from bot.wechat.testing import sealed_push, signed_query

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TOKEN = "a-token-for-tests"
APP_ID = "wx0000000000000000"
KEY = base64.b64encode(bytes(range(32))).decode()[:43]
OLD_KEY = base64.b64encode(bytes(range(32, 64))).decode()[:43]
PUSH = "<xml><FromUserName>oTest</FromUserName><MsgType>text</MsgType><Content>你好</Content></xml>"

# The example of the platform's page: Token AAAAA, EncodingAESKey of 43 A.
PAGE = CallbackCrypto(token="AAAAA", app_id="wxba5fad812f8e6fb9", aes_keys=["A" * 43])
PAGE_ENCRYPT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqz"
    "DpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede"
    "2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAl"
    "r7F9mFUPAJGj04="
)
PAGE_QUERY = CallbackQuery(
    timestamp="1714112445",
    nonce="415670741",
    encrypt_type="aes",
    msg_signature="046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
)


def crypto(*keys: str, **options: bool) -> CallbackCrypto:
    return CallbackCrypto(token=TOKEN, app_id=APP_ID, aes_keys=keys, **options)


def push(message: str = PUSH, *, key: str = KEY, app_id: str = APP_ID, token: str = TOKEN):
    body, query = sealed_push(message, token=token, app_id=app_id, aes_key=key, now=NOW, nonce="n1")
    return body.encode(), query


class TestExamplesOfThePlatformsPage:
    def test_signature_of_a_push(self) -> None:
        expected = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
        assert sign("AAAAA", "1714037059", "486452656") == expected

    def test_address_check(self) -> None:
        query = CallbackQuery.of(
            {
                "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
                "timestamp": "1714036504",
                "nonce": "1514711492",
                "echostr": "4375120948345356249",
            }
        )
        assert PAGE.verify_echo(query) == "4375120948345356249"

    def test_encrypted_json(self) -> None:
        body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": PAGE_ENCRYPT}).encode()
        opened = PAGE.open(body, PAGE_QUERY)
        assert json.loads(opened.message)["debug_str"] == "hello world"
        assert (opened.encrypted, opened.json) == (True, True)

    def test_reply(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(crypto_module.secrets, "token_bytes", lambda _: b"707722b803182950")
        opened = Opened(b"", "", "", key=0, json=True)
        now = datetime.fromtimestamp(1713424427, UTC)
        sealed = PAGE.seal('{"demo_resp":"good luck"}', opened, now=now, nonce="415670741")
        assert json.loads(sealed) == {
            "Encrypt": "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO"
            "/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
            "MsgSignature": "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
            "TimeStamp": 1713424427,
            "Nonce": "415670741",
        }


class TestModes:
    def test_plain(self) -> None:
        query = signed_query(token=TOKEN, now=NOW, nonce="n1")
        opened = crypto().open(PUSH.encode(), query, now=NOW)
        assert opened.message == PUSH.encode()
        assert crypto().seal("<xml/>", opened, now=NOW) == "<xml/>"

    def test_safe(self) -> None:
        body, query = push()
        assert crypto(KEY).open(body, query, now=NOW).message.decode() == PUSH

    def test_safe_with_a_long_message(self) -> None:
        long = PUSH.replace("你好", "好" * 100_000)
        body, query = push(long)
        assert crypto(KEY).open(body, query).message.decode() == long

    def test_compatible_believes_the_ciphertext_alone(self) -> None:
        body, query = push()
        forged = body.replace(b"<xml>", b"<xml><Content>forged</Content><MsgType>text</MsgType>")
        assert crypto(KEY).open(forged, query, now=NOW).message.decode() == PUSH

    def test_compatible_without_a_key_of_ours_reads_the_plain_part(self) -> None:
        body, query = push()
        both = PUSH.encode().replace(b"<xml>", body.removesuffix(b"</xml>"))
        opened = crypto().open(both, query, now=NOW)
        assert read(opened.message)[1].text("Content") == "你好"
        assert not opened.encrypted

    def test_a_plain_push_to_an_account_with_a_key_is_a_downgrade(self) -> None:
        query = signed_query(token=TOKEN, now=NOW, nonce="n1")
        with pytest.raises(NotFromPlatform, match="not encrypted"):
            crypto(KEY).open(PUSH.encode(), query, now=NOW)
        assert crypto(KEY, allow_plain=True).open(PUSH.encode(), query, now=NOW)

    def test_previous_key_opens_and_seals_the_reply(self) -> None:
        body, query = push(key=OLD_KEY)
        both = crypto(KEY, OLD_KEY)
        opened = both.open(body, query, now=NOW)
        sealed = both.seal("<xml><A>回复</A></xml>", opened, now=NOW)
        _, fields = read(sealed.encode())
        reply = CallbackQuery(
            timestamp=fields.text("TimeStamp"),
            nonce=fields.text("Nonce"),
            msg_signature=fields.text("MsgSignature"),
            encrypt_type="aes",
        )
        assert crypto(OLD_KEY).open(sealed.encode(), reply).message.decode() == (
            "<xml><A>回复</A></xml>"
        )
        with pytest.raises(Unreadable):
            crypto(KEY).open(sealed.encode(), reply)

    @pytest.mark.parametrize("answer", ["", "success"])
    def test_saying_nothing_is_not_encrypted(self, answer: str) -> None:
        body, query = push()
        assert crypto(KEY).seal(answer, crypto(KEY).open(body, query), now=NOW) == answer


class TestForgeries:
    @pytest.mark.parametrize("given", ["0" * 40, "é" * 40, "\udcff", "a"])
    def test_wrong_signature(self, given: str) -> None:
        query = CallbackQuery(signature=given, timestamp="1", nonce="2")
        with pytest.raises(NotFromPlatform) as caught:
            crypto().open(PUSH.encode(), query)
        assert caught.value.status == 403

    def test_no_signature(self) -> None:
        for query in (CallbackQuery(), CallbackQuery(encrypt_type="aes")):
            with pytest.raises(NotFromPlatform) as caught:
                crypto(KEY).open(PUSH.encode(), query)
            assert caught.value.status == 401

    def test_signatures_are_compared_in_constant_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compared = []
        real = hmac.compare_digest
        monkeypatch.setattr(
            crypto_module.hmac, "compare_digest", lambda a, b: compared.append(b) or real(a, b)
        )
        body, query = push()
        crypto(KEY).open(body, query)
        plain = signed_query(token=TOKEN, now=NOW, nonce="n1")
        crypto().open(PUSH.encode(), plain)
        assert compared == [query.msg_signature.encode(), plain.signature.encode()]

    def test_changed_ciphertext(self) -> None:
        _, query = push()
        other, _ = push("<xml>other</xml>")
        with pytest.raises(NotFromPlatform):
            crypto(KEY).open(other, query)

    def test_another_account(self) -> None:
        body, query = push(app_id="wx1111111111111111")
        with pytest.raises(NotFromPlatform, match="another account"):
            crypto(KEY).open(body, query)

    @pytest.mark.parametrize("age", [timedelta(minutes=11), -timedelta(minutes=11)])
    def test_outside_the_time_window(self, age: timedelta) -> None:
        body, query = push()
        with pytest.raises(NotFromPlatform, match="time window"):
            crypto(KEY).open(body, query, now=NOW + age)

    @pytest.mark.parametrize("timestamp", ["", "soon", "9" * 5_000, "-1"])
    def test_timestamp_that_is_none(self, timestamp: str) -> None:
        query = CallbackQuery(signature=sign(TOKEN, timestamp, "n"), timestamp=timestamp, nonce="n")
        with pytest.raises(NotFromPlatform):
            crypto().open(PUSH.encode(), query, now=NOW)

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<xml>", b"{", b"<xml/>", b"hello"])
    def test_unsigned_garbage_is_not_from_the_platform(self, body: bytes) -> None:
        query = CallbackQuery(encrypt_type="aes", msg_signature="0" * 40, timestamp="1", nonce="2")
        with pytest.raises(NotFromPlatform):
            crypto(KEY).open(body, query)


class TestSignedGarbage:
    """wechatpy lets struct.error, IndexError and UnicodeDecodeError out for these."""

    def open(self, ciphertext: str) -> Opened:
        query = CallbackQuery(
            encrypt_type="aes",
            timestamp="1",
            nonce="2",
            msg_signature=sign(TOKEN, "1", "2", ciphertext),
        )
        return crypto(KEY).open(json.dumps({"Encrypt": ciphertext}).encode(), query)

    @pytest.mark.parametrize("ciphertext", ["!", "AAAA", "Zm9v", "A" * 64, "=" * 8, "\x00", "é"])
    def test_is_unreadable(self, ciphertext: str) -> None:
        with pytest.raises((Unreadable, NotFromPlatform)):
            self.open(ciphertext)

    @pytest.mark.parametrize(
        ("length", "padding"),
        [(3, bytes([1, 22])), (3, bytes(22)), (3, bytes([33]) * 22), (200, bytes([22]) * 22)],
    )
    def test_wrong_padding_or_length_around_a_right_app_id(
        self, length: int, padding: bytes
    ) -> None:
        content = bytes(16) + length.to_bytes(4, "big") + b"<x>" + APP_ID.encode()
        padding = padding[:1] * (32 - (len(content) + 1) % 32) + padding[-1:]
        key = decode_aes_key(KEY)
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        sealed = encryptor.update(content + padding) + encryptor.finalize()
        with pytest.raises(Unreadable):
            self.open(base64.b64encode(sealed).decode())

    @given(st.binary(max_size=128))
    def test_whatever_was_encrypted(self, content: bytes) -> None:
        content += bytes(-len(content) % 16)
        key = decode_aes_key(KEY)
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        ciphertext = base64.b64encode(encryptor.update(content) + encryptor.finalize()).decode()
        with pytest.raises((Unreadable, NotFromPlatform)):
            self.open(ciphertext)

    def test_signed_but_encrypted_with_an_unknown_key(self) -> None:
        body, query = push(key=OLD_KEY)
        with pytest.raises(Unreadable):
            crypto(KEY).open(body, query)

    @given(st.integers(1, 80))
    def test_every_padding_of_32_opens(self, length: int) -> None:
        message = "好" * length
        body, query = push(message)
        assert crypto(KEY).open(body, query).message.decode() == message


class TestReplays:
    def test_the_platforms_repeat_passes_and_another_message_does_not(self) -> None:
        guard = ReplayGuard()
        guard.admit(Opened(b"one", "1", "n"), now=NOW)
        guard.admit(Opened(b"one", "1", "n"), now=NOW + timedelta(seconds=5))
        guard.admit(Opened(b"two", "1", "another nonce"), now=NOW)
        with pytest.raises(NotFromPlatform, match="nonce"):
            guard.admit(Opened(b"two", "1", "n"), now=NOW + timedelta(seconds=6))

    def test_remembers_for_as_long_as_a_timestamp_may_be_valid(self) -> None:
        guard = ReplayGuard(window=timedelta(minutes=10))
        guard.admit(Opened(b"one", "1", "n"), now=NOW)
        with pytest.raises(NotFromPlatform):
            guard.admit(Opened(b"two", "1", "n"), now=NOW + timedelta(minutes=19))
        guard.admit(Opened(b"two", "1", "n"), now=NOW + timedelta(minutes=21))

    def test_is_bounded(self) -> None:
        guard = ReplayGuard(capacity=3)
        for number in range(10):
            guard.admit(Opened(b"x", str(number), "n"), now=NOW)
        guard.admit(Opened(b"y", "0", "n"), now=NOW)
        with pytest.raises(NotFromPlatform):
            guard.admit(Opened(b"y", "9", "n"), now=NOW)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "!" * 43, "钥" * 43])
def test_a_key_that_is_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="43") as caught:
        CallbackCrypto(token=TOKEN, app_id=APP_ID, aes_keys=[key])
    assert not key or key not in str(caught.value)
