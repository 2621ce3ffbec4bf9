"""E-mail addresses, WeChat and QQ accounts, and numbers of cards and certificates with letters."""

from __future__ import annotations

import re
from typing import Literal

AccountKind = Literal["email", "wechat", "number"]
Account = tuple[AccountKind, int, int]

_EMAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}\s?[@＠]\s?[A-Za-z0-9\-]{1,63}(?:[.．。][A-Za-z0-9\-]{1,63})*[.．][A-Za-z]{2,12}"
)
_WECHAT = re.compile(
    r"(?:微信|威信|薇信|v信|ｖｘ|vx|wx|wechat|加我?v|加ｖ|qq|ＱＱ|扣扣|企鹅号)(?:号码?|id|帐号|账号)?(?:就?是|为|加)?[\s:：,，]*"
    r"(?P<id>(?=[A-Za-z_\-]*\d|[A-Za-z]*[_\-]\w)[A-Za-z][A-Za-z0-9_\-]{4,30}|(?<=[:：是号])\s?[A-Za-z]{6,20}(?![A-Za-z])|\d{5,12})",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"(?:证号|卡号|证件号码?|残疾证|医保卡?号?|社保卡?号?|护照|通行证|军官证|驾驶证|户口本)(?:号码?)?(?:就?是|为)?[\s:：,，]*"
    r"(?P<id>[A-Za-z]{0,4}\d[A-Za-z0-9\-]{5,30})"
)


def find_accounts(text: str) -> list[Account]:
    """Accounts and certificate numbers with their spans (the words that announce them stay)."""
    found: list[Account] = [("email", m.start(), m.end()) for m in _EMAIL.finditer(text)]
    found += [("wechat", *m.span("id")) for m in _WECHAT.finditer(text)]
    found += [("number", *m.span("id")) for m in _CERTIFICATE.finditer(text)]
    return found
