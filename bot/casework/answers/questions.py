"""Whether a message asks instead of answering."""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"[?？]|吗(?:$|[，,。\s])|么[\s。]*$|(?:什么|啥|怎么|咋|谁|哪[里儿些个])(?!都|也|样都|样也)|为什么|为啥|凭什么|为何|多少|多久|(?<![过这那好等前后])几天|多长时间|如何|能否|是否|干嘛|干吗|"
    r"能不能|可不可以|是不是|要不要|有没有|会不会|行不行|好不好|对不对|同不同意|愿不愿|算不算|"
    r"(?:能|可以|要|会|用|得|算|收|可|好|行|中|成).{0,8}(?:不|不的|没)[\s。]*$"
)
_NO_QUESTION = re.compile(
    r"哪[个种].{1,4}哪[个种]|(?:说|记|讲|问|分|搞|弄|看|想)不(?:清|准|好)|没(?:什么|啥)|(?:不知道|不清楚|不晓得|不懂|没说|没提|也不|都不).*$"
)


def is_question(text: str) -> bool:
    """什么名字, 要钱吗, 能保密不; not 啥也没说, 都行, 我不知道写什么."""
    return bool(_QUESTION.search(_NO_QUESTION.sub("", text)))
