"""What works in every state: numbers, going back, stopping, greeting by what is open, pictures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.dialogue.shortcuts import number_of
from bot.installation import Installation
from tests.conftest import MovableClock

from .conftest import Chat

NewChat = Callable[[], Chat]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("２", 2),
        ("2️⃣", 2),
        ("②", 2),
        ("二", 2),
        ("第二个", 2),
        ("第2个吧", 2),
        ("选2", 2),
        ("我选第二个", 2),
        ("2。", 2),
        ("2号", 2),
        ("回复2", 2),
        ("就1吧", 1),
        ("两点", None),
        ("2片", None),
        ("13900001234", None),
        ("二十", None),
        ("", None),
    ],
)
def test_a_number_however_it_is_typed(text: str, number: int | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("typed", ["1", "１", "第一个", "选1", "一"])
def test_the_menu_by_number(mother: Chat, typed: str) -> None:
    assert "申请社区康复" in mother.say("帮助")
    assert "什么人" in mother.say(typed)


def test_a_number_that_is_not_there(mother: Chat) -> None:
    mother.say("帮助")
    assert "1到6" in mother.say("9")


def test_back_stop_and_again_outside_a_form(mother: Chat) -> None:
    assert "我能帮您" in mother.say("返回")
    assert "随时" in mother.say("不说了")
    assert "我能帮您" in mother.say("重来")


def test_back_stop_and_again_in_a_form(mother: Chat) -> None:
    mother.say("我要申请")
    mother.say("我是他妈妈")
    mother.say("测试甲")
    assert "叫什么名字" in mother.say("返回")
    assert "继续" in mother.say("不说了")
    assert "叫什么名字" in mother.say("继续")
    assert "什么人" in mother.say("重来")


def test_stopping_is_understood_even_where_consent_is_asked(mother: Chat) -> None:
    shown = mother.say("我想给儿子报名，34岁，住思明区")
    for _ in range(9):
        if "您同意吗" in shown:
            break
        shown = mother.answer(shown, "测试甲")
    assert "您同意吗" in shown
    assert "留着" in mother.say("不说了")
    assert "您同意吗" in mother.say("继续")


def test_it_says_that_it_is_a_program(mother: Chat) -> None:
    assert "自动程序" in mother.say("你是机器人吗")
    mother.say("我要申请")
    mother.say("我是他妈妈")
    shown = mother.say("你是真人还是机器人啊")
    assert "自动程序" in shown
    assert "叫什么名字" in shown


def test_one_question_with_choices_then_a_person(mother: Chat) -> None:
    assert "1  " in mother.say("嗯嗯嗯那个啥来着就那个呗")
    assert "要不要请社工来" in mother.say("哎呀就是那个那个嘛你懂的")


@pytest.mark.parametrize(("said", "goes_on"), [("1", True), ("好的", True), ("不了", False)])
def test_after_long_the_greeting_tells_what_is_open(
    mother: Chat, clock: MovableClock, said: str, goes_on: bool
) -> None:
    mother.say("我要申请")
    mother.say("我是他妈妈")
    clock.move(days=2)
    shown = mother.say("在吗")
    assert "上次填到“患者姓名”，继续吗" in shown
    assert "叫什么名字" not in shown, "one question at a time"
    assert ("叫什么名字" in mother.say(said)) is goes_on


def test_after_long_an_answer_is_simply_taken(mother: Chat, clock: MovableClock) -> None:
    mother.say("我要申请")
    mother.say("我是他妈妈")
    clock.move(days=2)
    assert "哪一年出生" in mother.say("测试甲")


def test_after_long_another_question_is_answered_first(mother: Chat, clock: MovableClock) -> None:
    mother.say("我要申请")
    mother.say("我是他妈妈")
    clock.move(days=2)
    shown = mother.say("申请到哪一步了")
    assert "上次填到“患者姓名”" in shown
    assert shown.rstrip().endswith("患者叫什么名字？")


def test_a_greeting_tells_how_the_application_stands(mother: Chat) -> None:
    mother.apply("我想给儿子报名", "测试甲")
    shown = mother.say("你好")
    assert "测试甲的申请" in shown
    assert "KF" in shown


MEDIA = {"MediaId": "m1", "PicUrl": "http://127.0.0.1/p"}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"MsgType": "image", **MEDIA}, "图"),
        ({"MsgType": "voice", "Format": "amr", **MEDIA}, "语音"),
        ({"MsgType": "video", "ThumbMediaId": "t", **MEDIA}, "视频"),
        (
            {"MsgType": "location", "Location_X": "24.4", "Location_Y": "118.0", "Scale": "15"},
            "位置",
        ),
        ({"MsgType": "link", "Title": "t", "Description": "d", "Url": "http://127.0.0.1"}, "链接"),
        ({"MsgType": "file", "Title": "t"}, "文件"),
        ({"MsgType": "text", "Content": "【收到不支持的消息类型，暂无法显示】"}, "表情"),
        ({"MsgType": "hologram"}, "看不懂"),
    ],
)
def test_what_is_no_text_gets_a_fitting_sentence(
    mother: Chat, fields: dict[str, str], word: str
) -> None:
    assert word in mother.send(**fields)


def test_a_picture_in_a_form_does_not_lose_the_question(mother: Chat) -> None:
    mother.say("我要申请")
    mother.say("我是他妈妈")
    shown = mother.send(MsgType="image", **MEDIA)
    assert "图" in shown
    assert shown.rstrip().endswith("患者叫什么名字？")


def test_a_voice_message_that_was_recognised_is_words(mother: Chat) -> None:
    mother.say("我要申请")
    shown = mother.send(MsgType="voice", Format="amr", Recognition="我是他妈妈。", **MEDIA)
    assert "叫什么名字" in shown


def test_a_place_on_the_map_answers_where(mother: Chat) -> None:
    mother.say("我想给儿子报名，34岁")
    mother.say("测试甲")
    place = {"Location_X": "24.4", "Location_Y": "118.0", "Scale": "15"}
    shown = mother.send(MsgType="location", Label="福建省厦门市思明区测试路1号", **place)
    assert "医院或医生" in shown


def test_nothing_of_it_needs_rasa(installation: Installation, mother: Chat) -> None:
    """These conversations run without it: what they show holds in the degraded mode too."""
    assert "什么人" in mother.say("我要申请")


@pytest.mark.parametrize("text", ["哦", "？", "嗯嗯"])
def test_nothing_said_is_nothing_wrong(mother: Chat, text: str) -> None:
    shown = mother.say(text)
    assert "对不起" not in shown
    assert "帮不上" not in shown


def test_misheard(mother: Chat) -> None:
    mother.say("补贴有多少")
    assert "您是想" in mother.say("我问的不是这个")
    assert "要不要请社工来" in mother.say("不是这个意思")


def test_the_list_is_not_repeated_after_every_word(mother: Chat, clock: MovableClock) -> None:
    shown = mother.say("我想给儿子报名社区康复")
    while "都对吗" not in shown:
        shown = mother.answer(shown, "测试甲")
    clock.move(minutes=1)
    shown = mother.say("谢谢")
    assert "就差一步" in shown
    assert "患者姓名" not in shown
    clock.move(minutes=1)
    assert "患者姓名" in mother.say("继续")
    clock.move(minutes=1)
    shown = mother.say("电话错了，是13800007777")
    assert "13800007777" in shown, "what is new is shown"
    assert "哪里不对？" not in shown, "it was said"
    clock.move(minutes=1)
    assert "KF" in mother.say("确认")


def test_whether_one_may_join_leads_to_the_application(mother: Chat) -> None:
    shown = mother.say("我儿子精神分裂十几年了 在家没人管 你们能收吗")
    assert "1  我要申请康复" in shown
    assert "不敢乱答" not in shown
    assert "什么人" in mother.say("1")
