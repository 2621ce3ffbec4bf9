"""Structure-aware fuzzing of everything the internet can send: only our own exceptions come out."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.wechat.crypto import CallbackCrypto, CallbackQuery, NotFromPlatform, decode_aes_key, sign
from bot.wechat.inbound import Inbound, from_payload, payload_of
from bot.wechat.markup import Unreadable
from bot.wechat.reading import read_push

TOKEN = "a-token-for-tests"
APP_ID = "wx0000000000000000"
KEY = base64.b64encode(bytes(range(32))).decode()[:43]
CRYPTO = CallbackCrypto(token=TOKEN, app_id=APP_ID, aes_keys=[KEY], allow_plain=True)

NAMES = st.sampled_from(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "MsgId",
        "MsgID",
        "Content",
        "bizmsgmenuid",
        "PicUrl",
        "MediaId",
        "Format",
        "Location_X",
        "Location_Y",
        "Scale",
        "Label",
        "Title",
        "Url",
        "Event",
        "EventKey",
        "Ticket",
        "Latitude",
        "Longitude",
        "ScanCodeInfo",
        "ScanType",
        "ScanResult",
        "SendPicsInfo",
        "Count",
        "PicList",
        "item",
        "PicMd5Sum",
        "SendLocationInfo",
        "Poiname",
        "Status",
        "OpenID",
        "RevokeInfo",
        "SubscribeMsgPopupEvent",
        "SubscribeMsgSentEvent",
        "List",
        "TemplateId",
        "SubscribeStatusString",
        "ErrorCode",
        "Encrypt",
        "xml",
        "中文",
    ]
)
MESSAGES = [
    "text",
    "image",
    "voice",
    "video",
    "shortvideo",
    "location",
    "link",
    "file",
    "unheard_of",
]
EVENTS = [
    "subscribe",
    "unsubscribe",
    "SCAN",
    "LOCATION",
    "CLICK",
    "VIEW",
    "view_miniprogram",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "TEMPLATESENDJOBFINISH",
    "user_info_modified",
    "user_authorization_revoke",
    "user_authorization_cancellation",
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
    "unheard_of",
]
HEADS = st.sampled_from(
    [{"MsgType": kind} for kind in MESSAGES]
    + [{"MsgType": "event", "Event": name} for name in EVENTS]
    + [{}]
)
WORDS = st.sampled_from(
    [
        "text",
        "event",
        "CLICK",
        "oTest-jia",
        "1763860000",
        "-1",
        "1e999",
        "nan",
        "99999999999999999999",
        "qrscene_1",
        "0",
        "accept",
        "success",
    ]
)
TEXTS = st.one_of(
    WORDS,
    st.text(max_size=20),
    st.text(st.sampled_from("\x00\x02\x1d\ufffe]]>&<;#x0!-[CDATA 你\u200d😀"), max_size=30),
    st.just("长" * 70_000),
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(NAMES)
    if depth < 3 and draw(st.booleans()):
        inner = "".join(draw(st.lists(elements(depth=depth + 1), max_size=4)))
    else:
        inner = draw(TEXTS)
        style = draw(st.sampled_from(["cdata", "escaped", "raw"]))
        if style == "cdata":
            inner = f"<![CDATA[{inner}]]>"
        elif style == "escaped":
            inner = inner.replace("&", "&amp;").replace("<", "&lt;")
    close = draw(st.sampled_from([f"</{name}>"] * 9 + [""]))
    return f"<{name}>{inner}{close}"


@st.composite
def xml_pushes(draw: st.DrawFn) -> bytes:
    root = draw(st.sampled_from(["xml"] * 9 + ["XML", "html", ""]))
    head = {"FromUserName": "oTest-jia", **draw(HEADS)} if draw(st.integers(0, 9)) else {}
    opening = "".join(f"<{name}>{value}</{name}>" for name, value in head.items())
    prolog = draw(
        st.sampled_from(
            [""] * 8 + ["\ufeff", '<?xml version="1.0" encoding="gbk"?>', "<!DOCTYPE xml>", "<!--"]
        )
    )
    inner = "".join(draw(st.lists(elements(), max_size=6)))
    encoded = f"{prolog}<{root}>{opening}{inner}</{root}>".encode("utf-8", "replace")
    cut = draw(st.integers(0, len(encoded)) | st.just(len(encoded)))
    return encoded[:cut] if draw(st.integers(0, 9)) == 0 else encoded


JSON_VALUES = st.recursive(
    TEXTS | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
JSON_PUSHES = st.builds(
    lambda head, body: json.dumps({**body, **head, "FromUserName": "oTest-jia"}).encode(),
    HEADS,
    st.dictionaries(NAMES, JSON_VALUES, max_size=8),
)
PUSHES = xml_pushes() | JSON_PUSHES | st.binary(max_size=200)
BOUNDED = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def check_read(body: bytes) -> None:
    try:
        push = read_push(body)
    except Unreadable:
        return
    assert isinstance(push, Inbound)
    assert push.person
    assert push.dedupe_key
    assert from_payload(json.loads(json.dumps(payload_of(push)))) == push
    str(payload_of(push)).encode()  # nothing is left that a database could not store
    assert "\x00" not in str(payload_of(push))


@BOUNDED
@given(PUSHES)
def test_reading(body: bytes) -> None:
    check_read(body)


QUERIES: dict[str, Any] = {
    "timestamp": TEXTS,
    "nonce": TEXTS,
    "signature": TEXTS,
    "msg_signature": TEXTS,
    "encrypt_type": st.sampled_from(["aes", "AES", "raw", "", "x"]),
}


@BOUNDED
@given(body=PUSHES, query=st.fixed_dictionaries(QUERIES))
def test_opening_what_is_not_signed(body: bytes, query: dict[str, str]) -> None:
    try:
        CRYPTO.open(body, CallbackQuery.of(query))
    except (NotFromPlatform, Unreadable):
        return
    raise AssertionError("opened without a signature")


def encrypted(content: bytes) -> str:
    content += bytes(-len(content) % 16)
    key = decode_aes_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(content) + encryptor.finalize()).decode()


@st.composite
def plaintexts(draw: st.DrawFn) -> bytes:
    """Salt, length, message, app id, padding: each now and then wrong."""
    message = draw(PUSHES)
    length = draw(st.just(len(message)) | st.integers(0, 2**32 - 1))
    app_id = draw(st.sampled_from([APP_ID.encode(), b"", b"\xff", b"wx1"]))
    content = bytes(16) + length.to_bytes(4, "big") + message + app_id
    padding = 32 - len(content) % 32
    return content + draw(st.sampled_from([bytes([padding]) * padding, b"", b"\x00", b"\xff" * 16]))


@BOUNDED
@given(
    ciphertext=plaintexts().map(encrypted)
    | TEXTS
    | st.binary(max_size=64).map(lambda raw: base64.b64encode(raw).decode()),
    as_json=st.booleans(),
)
def test_opening_and_reading_signed_garbage(ciphertext: str, as_json: bool) -> None:
    query = CallbackQuery(
        encrypt_type="aes",
        timestamp="1",
        nonce="2",
        signature=sign(TOKEN, "1", "2"),
        msg_signature=sign(TOKEN, "1", "2", ciphertext.strip()),
    )
    body = f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    if as_json:
        body = json.dumps({"Encrypt": ciphertext})
    try:
        opened = CRYPTO.open(body.encode("utf-8", "replace"), query)
    except (NotFromPlatform, Unreadable):
        return
    check_read(opened.message)
