"""The message made uniform before it is cut into tokens."""

from __future__ import annotations

import re

from bot.nlu.script import plain

_CIRCLED = {chr(0x2460 + n): "\n" for n in range(20)} | {chr(0x2776 + n): "\n" for n in range(10)}
_SIGNS = str.maketrans(
    _CIRCLED | {"\ufe0f": "", "\u20e3": "", "\u200b": "", "㎎": "mg", "㎖": "ml", "㎍": "ug"}
)
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_MIXED = re.compile(r"(\d)\s*([½¼¾⅓⅔])")
_LIST_MARK = re.compile(
    r"(?:^[ ]*|(?<=[;。,:])[ ]*)[(]?\d{1,2}(?:[.、)]|:(?!\d))[ ]*(?=[一-鿿a-z])", re.MULTILINE
)

# Spoken and dialect forms with one plain equivalent, applied in this order.
_SAME = [
    (re.compile(pattern), plain_form)
    for pattern, plain_form in (
        (r"(今|明|后|昨|前)儿个?(?!子)", r"\1天"),
        (r"(?<=[片粒颗丸袋包])儿(?!子)", ""),
        (r"今朝|今日|今仔日|今工|今晡日", "今天"),
        (r"明朝|明日|听日|明仔载|明晡日|明个|赶明", "明天"),
        (r"后日|后朝|后个", "后天"),
        (r"大后(?!天)", "大后天"),
        (r"昨日|昨晡日|昨个|夜个|琴日|寻日", "昨天"),
        (r"个钟头|个钟(?!点)|钟头", "小时"),
        (r"个小时", "小时"),
        (r"一刻钟(?=以?后|之后|再)", "15分钟"),
        (r"(?:星期|礼拜|(?<![崇参跪])拜)(?=[一二三四五六日天1-7])", "周"),
        (r"星期|礼拜", "周"),
        (r"(?<=[个下上这每])周", "周"),
        (r"个周(?!边|围|年)", "周"),
        (r"([半一两][片粒颗])\1的?(?=吃|服|喂|$|[,。])", r"\1"),
        (r"[一每](?:日|天)的?总?量(?=\d|[一二两三四五六])", "一天共"),
        (r"食药|吃葯", "吃药"),
        (r"[咗喇]", "了"),
        (r"毫(?:克|g)|豪克|m g|mgs", "mg"),
        (r"毫升|豪升|(?<=\d)cc|m l", "ml"),
        (r"微克|mcg", "ug"),
        (r"提早", "提前"),
        (r"元月", "1月"),
        (r"钟点", "点"),
    )
]


def normal(text: str) -> str:
    """`text` in half-width, small, simplified characters, with one form for each spoken variant."""
    text = text.translate(_SIGNS)
    text = _MIXED.sub(lambda m: f"{m[1]}又{_FRACTIONS[m[2]]}", text)
    for sign, written in _FRACTIONS.items():
        text = text.replace(sign, written)
    text = plain(text)
    for pattern, plain_form in _SAME:
        text = pattern.sub(plain_form, text)
    return _LIST_MARK.sub("\n", text)
