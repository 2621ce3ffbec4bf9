"""What to hide in the answer to a question for a name, a telephone number or an address.

Here a name looks like any other short word, so everything is hidden that could be one, unless the
message is a question or a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from bot.places.surnames import COMMON, COMPOUND, RARE
from bot.places.words import is_made_of, words_pattern
from bot.privacy.masking.addresses import Span
from bot.privacy.masking.digits import runs
from bot.privacy.masking.lexicon import (
    INVENTED,
    NEVER_IN_A_NAME,
    NOT_NAMES,
    SPELLED,
    TIBETAN,
    is_word,
)
from bot.privacy.masking.name_shapes import tibetan_end

AskedKind = Literal["name", "telephone", "address"]

_HAN = "㐀-䶿一-鿿"
_QUESTION = re.compile(
    r"[?？]|吗|什么|啥|怎么|咋|为何|为什么|凭什么|多少|几[个天号点岁]|哪[里儿个些]?|谁|能不能|可不可以|是不是|要不要|有没有|行不行|(?:能|可以|要|会|用|行|得|是|好|收|算).{0,8}(?:不|不的|没)[\s。]*$|"
    r"会不会|好不好|对不对|是否|干嘛|干吗|呢$|多久|如何"
)
_COMMAND = words_pattern(
    "返回 上一步 退回 取消 不说 不想说 不告诉 不填 重来 重新来 重新填 重填 继续 跳过 略过 下一个 下一步 下一题 转人工 找人工 人工 客服 帮助 菜单 退出 结束 停止",
    "算了 不办 不申请 不弄 等等 等一下 等会儿 等会 稍等 再说 不方便 不知道 不清楚 不记得 记不得 忘了 忘记 没有 没 无 有 好 可以 同意 不同意 愿意 不愿意 行 嗯 是 对 不是",
    "不对 谢谢 你好 您好 在 哦 啊 不行 不用 不要 ok 随便 都行 过 本人 自己 家属 患者 病人 孩子 我 先 那 就 请 帮我 还是 暂时 这个 都 你 吧 了 呀 的 呢 嘛 说 讲 填 给 留",
)
"""What commands and empty answers are made of."""
_SEPARATOR = re.compile(r"[，,。;；、\n\r\t!！|/()（）【】《》「」\"“”]+|[ \u3000]{1,}")
_LEAD = re.compile(
    r"^(?:(?:户口本|身份证|残疾证|证件|本子|病历|证)(?:上|里)?(?:面)?(?:的)?(?:名字)?(?:写的|登记的)?(?:就?是|叫|为)?|(?:就)?(?:填|写上?|登记)(?!错)|"
    r"(?:我|他|她|俺|患者|病人|孩子|本人)?(?:的)?(?:姓名|名字|大名|真名|小名|全名|名|叫|叫做|名叫|就叫|姓)(?:就?是|叫|为)?|"
    r"(?:我|他|她|这|那|名字)?(?:就)?是|我叫|改成|改为|换成|应该是|写错了|错了|不是|(?:我)?(?:家|的|俺)?"
    r"(?:儿子|女儿|闺女|老公|老婆|丈夫|妻子|哥哥?|姐姐?|弟弟?|妹妹?|爸爸?|妈妈?|爷爷|奶奶|孩子|娃儿?|爱人|媳妇)(?:的名字)?(?:就?是|叫)?)"
    r"[\s:：]*"
)
_TAIL = re.compile(
    r"(?:吧|啊|呀|哦|哈|呢|嘛|啦|的|哟|喔|了|就行|就可以|就好|这个名字|三个字|两个字|两字|三字)+$"
)
_NOT_A_NAME = re.compile(
    r"^[\d０-９\s]*$|刚才|已经|前面|上面|发过|说过|写过|填过|岁$|年生?的?$|^属|^[男女]性?$|电话|手机|身份证|地址|号$|精神|残疾|医院|社区|康复|申请|报名|证$|元$|片$|病|药"
)
_SPACED_NAME = re.compile(
    rf"(?<![{_HAN}])[{_HAN}](?:[ \u3000][{_HAN}]){{1,3}}(?![{_HAN}])|(?<![{_HAN}])[{_HAN}][ \u3000](?![男女]\b)[{_HAN}]{{2}}(?![{_HAN}])|[A-Za-z]{{2,}}(?: [A-Za-z]{{2,}}){{1,3}}"
)
_NAME_LIKE = re.compile(
    rf"^(?:[{_HAN}]{{2,4}}|{_SPACED_NAME.pattern}|[{_HAN}]{{1,8}}(?:[·•・‧∙·.．][{_HAN}]{{1,8}})+|[A-Za-z][A-Za-z .'’\-]{{1,40}})$"
)
_LONGER_NAME = re.compile(rf"^[{_HAN}]{{5,8}}$")
_NO_ADDRESS = re.compile(
    r"^(?:没|不|无|同上|一样|和.{1,3}一样|跟.{1,3}一样|到处|居无定所|刚才|上面)"
)
_SURNAME_EXPLAINED = re.compile(
    r"^(?:免贵)?姓.{1,2}$|^(?:弓长张|木子李|双木林|草头黄|耳东陈|口天吴|立早章|言午许|古月胡|三横王|三横一竖王|走肖赵|双口吕|人可何|干勾于|美女姜|人未余|卯金刘|"
    r"文刀刘|禾呈程|木易杨|关耳郑|西贝贾|十八子李|大口周|吉周|火华烨|日月明)$"
)
_TWO_NAMES = re.compile(rf"^(?P<first>[{_HAN}]{{2,3}})[和跟与](?P<second>[{_HAN}]{{2,3}})$")
_ASKED_DIGITS = 5
_USUAL_LENGTH = 4


def asked_spans(
    text: str, expecting: str | None, counties: Sequence[Span]
) -> Iterator[tuple[AskedKind, int, int]]:
    """Spans to hide in `text` because they may be what was asked for."""
    if expecting == "phone":
        for run in runs(text):
            if len(run.digits) >= _ASKED_DIGITS:
                yield "telephone", run.starts[0], run.ends[-1]
    elif expecting in {"name", "address"}:
        for start, end in _segments(text):
            segment = text[start:end]
            if _QUESTION.search(segment) or is_made_of(_COMMAND, segment):
                continue
            if expecting == "address" and _NO_ADDRESS.match(segment):
                continue
            if expecting == "name":
                yield from _asked_name(text, start, end, counties)
            else:
                yield from _asked_address(text, start, end, counties)


def _segments(text: str) -> Iterator[Span]:
    position = 0
    whole = [match.span() for match in _SPACED_NAME.finditer(text)]
    for gap in _SEPARATOR.finditer(text):
        if any(start < gap.start() < end for start, end in whole):
            continue
        if gap.start() > position:
            yield position, gap.start()
        position = gap.end()
    if position < len(text):
        yield position, len(text)


def _asked_name(
    text: str, start: int, end: int, counties: Sequence[Span]
) -> Iterator[tuple[AskedKind, int, int]]:
    while (lead := _LEAD.match(text[start:end])) and lead.end() and start + lead.end() < end:
        start += lead.end()
    if (tail := _TAIL.search(text[start:end])) and tail.start() >= 2:
        end = start + tail.start()
    word = text[start:end]
    if (pair := _TWO_NAMES.match(word)) and {word[0], pair["second"][0]} <= COMMON:
        yield "name", start, start + pair.end("first")
        yield "name", start + pair.start("second"), end
        return
    if "〔" in word or "〕" in word:
        return
    # A county is no name, but 南宫燕 is no county either.
    named = word[:1] in COMMON or word.startswith(COMPOUND)
    for begin, stop in counties:
        inside = start <= begin and stop <= end and (begin, stop) != (start, end)
        if begin < end and start < stop and not (named and inside):
            return
    if _may_be_name(word):
        yield "name", start, end


def _may_be_name(word: str) -> bool:
    """Nothing speaks against a name: no phrase, no everyday word, not the explanation of one."""
    if _NOT_A_NAME.search(word) or word in NOT_NAMES or is_made_of(_COMMAND, word):
        return False
    if _SURNAME_EXPLAINED.match(word):
        return False
    if tibetan_end(word, 0) == len(word) or word in TIBETAN:
        return True
    spelled = len(word) > _USUAL_LENGTH and word[0] in SPELLED
    suspects = set(word[1:]) | ({word[0]} - COMMON - RARE)
    if NEVER_IN_A_NAME & (suspects - {"都"} if spelled else suspects):
        return False
    if word.startswith(COMPOUND):
        return len(word) <= _USUAL_LENGTH + 1
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    words = sum(is_word(pair) for pair in pairs if pair != INVENTED)
    if _NAME_LIKE.match(word):
        return word[0] in COMMON | RARE or words == 0
    return bool(_LONGER_NAME.match(word)) and words <= (2 if spelled else 0)


def _asked_address(
    text: str, start: int, end: int, counties: Sequence[Span]
) -> Iterator[tuple[AskedKind, int, int]]:
    """All of a segment but the county in it and the words before."""
    lead = re.match(
        r"(?:我们?|他|她|俺)?(?:家|现在|人)?(?:住在?|地址|在|是)*[是为:：]?", text[start:end]
    )
    if lead:
        start += lead.end()
    for begin, stop in sorted(counties):
        if start < stop and begin < end:
            if begin - start >= 2 and "〔" not in text[start:begin]:
                yield "address", start, begin
            start = max(start, stop)
    rest = text[start:end].rstrip("的了吧啊呀哦")
    if len(rest) >= 2 and "〔" not in rest and "〕" not in rest:
        yield "address", start, start + len(rest)
