"""Every kind of push, as the platform's pages show it, and as people and time bend it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.wechat import inbound
from bot.wechat.inbound import from_payload, payload_of
from bot.wechat.markup import MAX_DEPTH, MAX_NODES, Unreadable
from bot.wechat.reading import MAX_CONTENT, read_push

HEAD = (
    "<ToUserName><![CDATA[gh_test]]></ToUserName>"
    "<FromUserName><![CDATA[oTest-jia]]></FromUserName>"
    "<CreateTime>1763860000</CreateTime>"
)


def xml(inner: str, head: str = HEAD) -> bytes:
    return f"<xml>{head}{inner}</xml>".encode()


def message(
    kind: str, inner: str = "", msg_id: str = "<MsgId>6349323426230210995</MsgId>"
) -> bytes:
    return xml(f"<MsgType><![CDATA[{kind}]]></MsgType>{inner}{msg_id}")


def event(name: str, inner: str = "") -> bytes:
    return xml(f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{inner}")


def key(value: str) -> str:
    return f"<EventKey><![CDATA[{value}]]></EventKey>"


PLACE = (
    "<SendLocationInfo><Location_X><![CDATA[24.5]]></Location_X><Location_Y><![CDATA[118.1]]>"
    "</Location_Y><Scale><![CDATA[15]]></Scale><Label><![CDATA[思明区]]></Label>"
    "<Poiname><![CDATA[]]></Poiname></SendLocationInfo>"
)
CHOICE = (
    "<List><TemplateId><![CDATA[{id}]]></TemplateId>"
    "<SubscribeStatusString><![CDATA[{status}]]></SubscribeStatusString>{scene}</List>"
)
POPUP = (
    "<SubscribeMsgPopupEvent>"
    + CHOICE.format(id="T1", status="accept", scene="<PopupScene>2</PopupScene>")
    + CHOICE.format(id="T2", status="reject", scene="<PopupScene>2</PopupScene>")
    + "</SubscribeMsgPopupEvent>"
)
CHANGE = (
    "<SubscribeMsgChangeEvent>"
    + CHOICE.format(id="T1", status="reject", scene="")
    + "</SubscribeMsgChangeEvent>"
)
SENT = (
    "<SubscribeMsgSentEvent><List><TemplateId><![CDATA[T1]]></TemplateId>"
    "<MsgID>1864323726461255680</MsgID><ErrorCode>0</ErrorCode>"
    "<ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent>"
)
PICTURES = (
    "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum><![CDATA[aa]]></PicMd5Sum></item>"
    "<item><PicMd5Sum><![CDATA[bb]]></PicMd5Sum></item></PicList></SendPicsInfo>"
)
SCANNED = (
    "<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType>"
    "<ScanResult><![CDATA[1]]></ScanResult></ScanCodeInfo>"
)
REVOKED = (
    "<OpenID><![CDATA[oTest-yi]]></OpenID><AppID><![CDATA[wx0]]></AppID>"
    "<RevokeInfo><![CDATA[201]]></RevokeInfo>"
)
TICKET = "<Ticket><![CDATA[TICKET]]></Ticket>"

EXAMPLES: list[tuple[bytes, str, dict[str, Any]]] = [
    (
        message("text", "<Content><![CDATA[你好]]></Content>"),
        "text",
        {"content": "你好", "menu_choice": None},
    ),
    (
        message("text", "<Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>"),
        "text",
        {"menu_choice": "101"},
    ),
    (
        message("image", "<PicUrl>http://x.test/1</PicUrl><MediaId>M</MediaId>"),
        "image",
        {"media_id": "M", "url": "http://x.test/1"},
    ),
    (
        message("voice", "<MediaId>M</MediaId><Format>amr</Format><MediaId16K>K</MediaId16K>"),
        "voice",
        {"media_id": "M", "format": "amr", "media_id_16k": "K", "recognition": ""},
    ),
    (
        message("video", "<MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>"),
        "video",
        {"media_id": "M", "thumb_media_id": "T"},
    ),
    (
        message("shortvideo", "<MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>"),
        "shortvideo",
        {"media_id": "M", "thumb_media_id": "T"},
    ),
    (
        message(
            "location",
            "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y>"
            "<Scale>20</Scale><Label><![CDATA[位置]]></Label>",
        ),
        "location",
        {"latitude": 23.134521, "longitude": 113.358803, "scale": 20, "label": "位置"},
    ),
    (
        message("link", "<Title>题</Title><Description>述</Description><Url>http://x.test</Url>"),
        "link",
        {"title": "题", "description": "述", "url": "http://x.test"},
    ),
    (
        message(
            "file", "<Title>病历.pdf</Title><FileKey>K</FileKey><FileTotalLen>9</FileTotalLen>"
        ),
        "file",
        {"title": "病历.pdf", "key": "K", "size": 9},
    ),
    (event("subscribe"), "event:subscribe", {"scene": None}),
    (
        event("subscribe", key("qrscene_desk-3") + TICKET),
        "event:subscribe",
        {"scene": "desk-3", "ticket": "TICKET"},
    ),
    (event("subscribe", key("last_trade_no_1")), "event:subscribe", {"scene": None}),
    (event("unsubscribe", key("")), "event:unsubscribe", {}),
    (event("SCAN", key("desk-3") + TICKET), "event:scan", {"scene": "desk-3", "ticket": "TICKET"}),
    (
        event(
            "LOCATION",
            "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>119.3</Precision>",
        ),
        "event:location",
        {"latitude": 23.1, "longitude": 113.3, "precision": 119.3},
    ),
    (event("CLICK", key("apply")), "event:click", {"key": "apply"}),
    (
        event("VIEW", key("https://x.test/family") + "<MenuId>7</MenuId>"),
        "event:view",
        {"url": "https://x.test/family", "menu_id": "7"},
    ),
    (
        event("view_miniprogram", key("pages/index") + "<MenuId>7</MenuId>"),
        "event:view_miniprogram",
        {"path": "pages/index", "menu_id": "7"},
    ),
    (
        event("scancode_push", key("6") + SCANNED),
        "event:scancode",
        {"key": "6", "waiting": False, "scan_type": "qrcode", "result": "1"},
    ),
    (event("scancode_waitmsg", key("6") + SCANNED), "event:scancode", {"waiting": True}),
    (
        event("pic_sysphoto", key("6") + PICTURES),
        "event:pictures",
        {"source": "camera", "count": 2, "digests": ("aa", "bb")},
    ),
    (event("pic_photo_or_album", PICTURES), "event:pictures", {"source": "camera_or_album"}),
    (event("pic_weixin", PICTURES), "event:pictures", {"source": "album"}),
    (
        event("location_select", key("6") + PLACE),
        "event:location_select",
        {"latitude": 24.5, "longitude": 118.1, "scale": 15, "label": "思明区", "place": ""},
    ),
    (
        event("TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID><Status>success</Status>"),
        "event:templatesendjobfinish",
        {"message_id": "200163836", "outcome": "delivered"},
    ),
    (
        event("TEMPLATESENDJOBFINISH", "<Status><![CDATA[failed:user block]]></Status>"),
        "event:templatesendjobfinish",
        {"outcome": "blocked"},
    ),
    (
        event("TEMPLATESENDJOBFINISH", "<Status><![CDATA[Failed: System Failed]]></Status>"),
        "event:templatesendjobfinish",
        {"outcome": "failed", "status": "Failed: System Failed"},
    ),
    (
        event("TEMPLATESENDJOBFINISH", "<Status>failed:freq limit</Status>"),
        "event:templatesendjobfinish",
        {"outcome": "limited"},
    ),
    (event("user_info_modified", REVOKED), "event:profile", {"change": "modified"}),
    (
        event("user_authorization_revoke", REVOKED),
        "event:profile",
        {"change": "withdrawn", "person": "oTest-yi", "revoke_info": "201"},
    ),
    (event("user_authorization_cancellation"), "event:profile", {"person": "oTest-jia"}),
    (
        event("subscribe_msg_popup_event", POPUP),
        "event:subscribe_msg_popup_event",
        {
            "choices": (
                inbound.SubscriptionChoice("T1", True, "2"),
                inbound.SubscriptionChoice("T2", False, "2"),
            )
        },
    ),
    (
        event("subscribe_msg_change_event", CHANGE),
        "event:subscribe_msg_change_event",
        {"choices": (inbound.SubscriptionChoice("T1", False),)},
    ),
    (
        event("subscribe_msg_sent_event", SENT),
        "event:subscribe_msg_sent_event",
        {"results": (inbound.SubscriptionResult("T1", "1864323726461255680", 0, "success"),)},
    ),
    (
        event("card_pass_check", "<CardId>C</CardId>"),
        "event:card_pass_check",
        {"name": "card_pass_check"},
    ),
    (message("miniprogrampage", "<AppId>wx0</AppId>"), "miniprogrampage", {}),
]


@pytest.mark.parametrize(("body", "kind", "expected"), EXAMPLES)
def test_every_kind(body: bytes, kind: str, expected: dict[str, Any]) -> None:
    push = read_push(body)
    assert push.kind == kind
    assert push.account == "gh_test"
    assert push.created == 1763860000
    assert push.is_event == kind.startswith("event:")
    for name, value in expected.items():
        assert getattr(push, name) == value, name


@pytest.mark.parametrize(("body", "kind", "expected"), EXAMPLES)
def test_its_repr_may_be_logged(body: bytes, kind: str, expected: dict[str, Any]) -> None:
    assert repr(read_push(body)) == f"<{kind} {read_push(body).dedupe_key}>"


@pytest.mark.parametrize(("body", "kind", "expected"), EXAMPLES)
def test_survives_storage_as_json(body: bytes, kind: str, expected: dict[str, Any]) -> None:
    push = read_push(body)
    assert from_payload(json.loads(json.dumps(payload_of(push)))) == push


@pytest.mark.parametrize("event_name", ["subscribe_msg_popup_event", "user_authorization_revoke"])
def test_json_as_the_platforms_page_shows_it(event_name: str) -> None:
    document = {
        "ToUserName": "gh_test",
        "FromUserName": "oTest-jia",
        "CreateTime": "1620973045",
        "MsgType": "event",
        "Event": event_name,
        " OpenID": "oTest-yi",
        " RevokeInfo": "201",
        "List": [{"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}],
    }
    push = read_push(json.dumps(document).encode())
    assert push.created == 1620973045
    if isinstance(push, inbound.SubscriptionPopup):
        assert push.choices == (inbound.SubscriptionChoice("T1", True, "0"),)
    else:
        assert isinstance(push, inbound.ProfileChanged)
        assert (push.person, push.revoke_info) == ("oTest-yi", "201")


def test_json_with_a_single_list_and_numbers() -> None:
    result = {"TemplateId": "T1", "MsgID": 1864323726461255680, "ErrorCode": 43101}
    document = {
        "FromUserName": "oTest-jia",
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
        "List": result,
    }
    push = read_push(json.dumps(document).encode())
    assert isinstance(push, inbound.SubscriptionSent)
    assert push.results[0].message_id == "1864323726461255680"
    assert push.results[0].errcode == 43101


class TestWhatPeopleType:
    def content(self, text: str) -> str:
        push = read_push(message("text", f"<Content><![CDATA[{text}]]></Content>"))
        assert isinstance(push, inbound.Text)
        return push.content

    @pytest.mark.parametrize("char", ["\x00", "\x02", "\x1d", "\x7f", "\ufffe", "\uffff"])
    def test_control_characters_are_dropped_and_the_rest_is_read(self, char: str) -> None:
        kept = char if char == "\x7f" else ""
        assert self.content(f"我要{char}申请") == f"我要{kept}申请"

    @pytest.mark.parametrize("spaces", [" ", "   ", "\n", "\u3000", " \t "])
    def test_text_of_spaces_only(self, spaces: str) -> None:
        assert self.content(spaces) == spaces

    @pytest.mark.parametrize(
        "text",
        [
            "&#0; &amp; <b>",
            "<!DOCTYPE xml [<!ENTITY a 'b'>]>",
            "😀👨‍👩‍👧‍👦🇨🇳",
            " 前后有空 ",
            "a]]b",
            "<MsgType>event</MsgType>",
        ],
    )
    def test_markup_inside_a_message_is_what_somebody_typed(self, text: str) -> None:
        assert self.content(text) == text

    def test_forbidden_references_outside_cdata(self) -> None:
        push = read_push(message("text", "<Content>a&#0;b&#x1d;c&#20320;&#xFFFFFFFF;</Content>"))
        assert isinstance(push, inbound.Text)
        assert push.content == "abc你"

    def test_invalid_utf8(self) -> None:
        push = read_push(message("text", "<Content>X</Content>").replace(b"X", b"\xff\xed\xa0\x80"))
        assert isinstance(push, inbound.Text)
        assert set(push.content) == {"\ufffd"}

    @pytest.mark.parametrize("encoding", ["UTF-8", "gbk", "utf-16", "unheard-of"])
    def test_is_utf8_whatever_the_declaration_says(self, encoding: str) -> None:
        declaration = f'\ufeff<?xml version="1.0" encoding="{encoding}"?>\n'
        push = read_push(declaration.encode() + message("text", "<Content>你好</Content>"))
        assert isinstance(push, inbound.Text)
        assert push.content == "你好"

    def test_lone_surrogate_in_json(self) -> None:
        push = read_push(
            b'{"FromUserName": "oTest", "MsgType": "text", "Content": "a\\ud83d\\u0000b"}'
        )
        assert isinstance(push, inbound.Text)
        assert push.content == "ab"

    def test_huge_fields_are_cut(self) -> None:
        assert len(self.content("长" * 300_000)) == MAX_CONTENT
        push = read_push(event("CLICK", key("k" * 100_000)))
        assert isinstance(push, inbound.MenuClick)
        assert len(push.key) == 2_048


class TestMissingRepeatedAndNonsense:
    def test_no_optional_element_at_all(self) -> None:
        for body, kind, _ in EXAMPLES:
            marker = b"<Event>" if kind.startswith("event:") else b"<MsgType>"
            name = body.split(marker + b"<![CDATA[")[1].split(b"]]>")[0].decode()
            bare = event(name) if kind.startswith("event:") else message(name, msg_id="")
            assert read_push(bare).kind == kind

    def test_missing_msgtype(self) -> None:
        push = read_push(xml("<Content>hi</Content>"))
        assert isinstance(push, inbound.UnknownMessage)
        assert push.kind == "unknown"
        assert push.fields["Content"] == "hi"

    def test_doubled_elements_count_once(self) -> None:
        push = read_push(
            message("text", "<MsgType>image</MsgType><Content></Content><Content>二</Content>")
        )
        assert isinstance(push, inbound.Text)
        assert push.content == "二"

    @pytest.mark.parametrize("msg_id", ["abc", "-1", "1.5", "9" * 50, " ", "１２"])
    def test_msgid_that_is_none(self, msg_id: str) -> None:
        first = read_push(message("text", "<Content>一</Content>", f"<MsgId>{msg_id}</MsgId>"))
        other = read_push(message("text", "<Content>二</Content>", f"<MsgId>{msg_id}</MsgId>"))
        assert first.dedupe_key != other.dedupe_key

    @pytest.mark.parametrize("when", ["", "abc", "-5", "0", "9" * 19, "9" * 5_000, "1e9"])
    def test_createtime_that_is_none(self, when: str) -> None:
        push = read_push(
            f"<xml><FromUserName>o</FromUserName><CreateTime>{when}</CreateTime>"
            "<MsgType>text</MsgType></xml>".encode()
        )
        assert push.created is None
        assert push.created_at is None

    def test_created_at_is_local_time(self) -> None:
        push = read_push(message("text"))
        assert push.created_at is not None
        assert push.created_at.isoformat() == "2025-11-23T09:06:40+08:00"

    @pytest.mark.parametrize("value", ["nan", "inf", "1e400", "", "abc", "91", "-1000"])
    def test_coordinates_that_are_none(self, value: str) -> None:
        push = read_push(message("location", f"<Location_X>{value}</Location_X>"))
        assert isinstance(push, inbound.Location)
        assert push.latitude is None

    def test_text_where_an_element_should_be_and_the_reverse(self) -> None:
        push = read_push(event("scancode_push", "<ScanCodeInfo>text</ScanCodeInfo>"))
        assert isinstance(push, inbound.ScanCode)
        assert push.result == ""
        push = read_push(message("text", "<Content><b>bold</b></Content>"))
        assert isinstance(push, inbound.Text)
        assert push.content == ""


class TestRefused:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"<xml/>",
            b"<xml></xml>",
            b"<html><body>502</body></html>",
            b"<a><FromUserName>o</FromUserName></a>",
            b"<xml><FromUserName>o</FromUserName>",
            b"<xml><FromUserName>o</FromUserName></xml><xml/>",
            b"<xml><FromUserName>  </FromUserName><MsgType>text</MsgType></xml>",
            b"<xml><FromUserName>" + b"o" * 129 + b"</FromUserName></xml>",
            b"[]",
            b"{}",
            b"null",
            b"{" * 100_000,
            b'{"FromUserName": {"a": ' * 50 + b"1" + b"}}" * 50,
            b'{"FromUserName": ' + b"9" * 10_000 + b"}",
            "<xml><FromUserName>o</FromUserName></xml>".encode("utf-16"),
            b"\x00" * 1000,
            b"<" * 10_000,
        ],
    )
    def test_unreadable(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            read_push(body)

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE xml [<!ENTITY a "b">]>',
            '<!DOCTYPE xml SYSTEM "file:///etc/passwd">',
            "<!DOCTYPE xml>",
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        ],
    )
    def test_document_types(self, doctype: str) -> None:
        with pytest.raises(Unreadable, match="document type"):
            read_push(doctype.encode() + message("text"))

    def test_undefined_entities(self) -> None:
        with pytest.raises(Unreadable):
            read_push(message("text", "<Content>&secret;</Content>"))

    def test_depth_and_number(self) -> None:
        deep = "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH
        with pytest.raises(Unreadable, match="deep"):
            read_push(message("text", deep))
        with pytest.raises(Unreadable, match="many"):
            read_push(message("text", "<a/>" * MAX_NODES))


class TestDedupeKey:
    def test_repeats_of_one_push_are_equal(self) -> None:
        for body, _, _ in EXAMPLES:
            assert read_push(body).dedupe_key == read_push(b" " + body + b"\n").dedupe_key

    def test_is_msgid_for_messages(self) -> None:
        assert read_push(message("text")).dedupe_key == "msg:6349323426230210995"

    def test_tells_events_apart_by_sender_time_event_and_key(self) -> None:
        bodies = [
            event("CLICK", key("a")),
            event("CLICK", key("b")),
            event("VIEW", key("a")),
            event("CLICK", key("a")).replace(b"oTest-jia", b"oTest-bing"),
            event("CLICK", key("a")).replace(b"1763860000", b"1763860001"),
        ]
        assert len({read_push(body).dedupe_key for body in bodies}) == len(bodies)

    def test_tells_events_without_key_apart_by_content(self) -> None:
        one = event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>")
        two = event("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID><Status>success</Status>")
        assert read_push(one).dedupe_key != read_push(two).dedupe_key

    def test_shows_no_openid(self) -> None:
        assert all("oTest" not in read_push(body).dedupe_key for body, _, _ in EXAMPLES)
        assert all(len(read_push(body).dedupe_key) <= 50 for body, _, _ in EXAMPLES)
