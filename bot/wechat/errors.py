"""What the platform's errcodes mean to us: one table.

Sources: 全局返回码 (通用错误码), the error lists of 发送客服消息, 发送模板消息, 发送订阅通知,
客服输入状态, 自定义菜单 and 网页授权, and codes seen in the developer community where no page has
them. Sentences for staff are read by a social worker, not by a developer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What to do about an errcode."""

    RETRY = "retry"
    """The platform's passing trouble: the same again, later, with growing pauses."""
    SLOW_DOWN = "slow_down"
    """Too fast for this minute or this person: the same again after a minute or more."""
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a word, not a secret
    """The client has already tried once more with a new token; treat as `RETRY`."""
    OTHER_CHANNEL = "other_channel"
    """This way is closed for this message now; another may be open."""
    CONSENT_MISSING = "consent_missing"
    """No unused consent to this notice: another channel, and ask for consent when they write."""
    STOP_FOR_PERSON = "stop_for_person"
    """The account cannot reach this person any more: send nothing until they write again."""
    FIX_CONTENT = "fix_content"
    """This content will never be accepted: a person must change it."""
    ALARM = "alarm"
    """The account or the installation needs its administrator; nothing will be sent until then."""
    ALREADY_SENT = "already_sent"
    """The platform took the same message moments ago."""
    IGNORE = "ignore"
    """Harmless: a courtesy (a typing sign) was not shown."""
    LOGIN_AGAIN = "login_again"
    """The web login's code is used up or too old: send the person through login again."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: ``meaning`` for the log, ``staff`` for the console."""

    code: int
    meaning: str
    staff: str
    action: Action
    known: bool = True


_BUSY = "微信正忙，我们会自动再发一次，您不用管。"
_TOKEN = "公众号与微信的连接要更新一下，系统会自动再试。"  # noqa: S105 - a sentence
_SETTINGS = "公众号的设置有问题，消息暂时发不出去，请尽快联系系统管理员。"
_PROGRAM = "这是程序的问题，不是您的问题，请把这一条告诉系统管理员。"
_QUOTA_DAY = "公众号今天的发送次数用完了，明天会恢复；急事请打电话。"
_TOO_FAST = "发得太快，微信让我们慢一点，过一会儿会自动再发。"
_WINDOW = "这位家属有一阵子没有说话，微信不让公众号先开口。会换一种方式通知，急事请打电话。"
_USED_UP = "对方说话之后能发的条数已经发满。等对方再说一句就能接着发，急事请打电话。"
_NO_CONSENT = "这位家属还没有同意接收这种通知，或者次数用完了。下次对话时可以请对方再点一次同意。"
_LEFT = "这位家属已经不再关注公众号，微信里联系不上了，请打电话。"
_BLOCKED = "这位家属关掉了公众号的消息，微信里联系不上，请打电话。"
_RESTRICTED = "这位家属的微信号被限制或注销了，请打电话联系。"
_MINOR = "对方的微信开着未成年人模式，收不到这条消息，请联系家长。"
_MEDIA = "这个图片或文件微信不收，请换一个再发。"
_EXPIRED_MEDIA = "这个图片或文件过期了（微信只留三天），请重新上传再发。"
_TOO_LONG = "这条消息太长，微信不收，请改短一些再发。"
_EMPTY = "这条消息是空的，请写好内容再发。"
_REJECTED = "这条消息的内容微信不让发，请换一种说法。"
_FIELD = "通知里有一项不合微信的格式（太长，或有不允许的字），请改短再发。"
_TEMPLATE = "这个通知模板在公众号里不能用了，请联系系统管理员重新选模板。"
_MENU = "公众号菜单的设置不合微信的要求，请联系系统管理员。"
_LOGIN = "微信登录超时了，请对方重新点一次链接。"
_TYPING = "“对方正在输入”没有显示出来，不影响消息。"
_SENT = "同样的消息刚刚已经发出，没有重复发送。"

_ROWS: tuple[tuple[int, str, str, Action], ...] = (
    (-1, "system busy", _BUSY, Action.RETRY),
    (-1000, "system error", _BUSY, Action.RETRY),
    # access token and account
    (40001, "token invalid or not the latest; or AppSecret wrong", _TOKEN, Action.REFRESH_TOKEN),
    (40014, "token malformed", _TOKEN, Action.REFRESH_TOKEN),
    (42001, "token expired", _TOKEN, Action.REFRESH_TOKEN),
    (41001, "no token in the call", _TOKEN, Action.REFRESH_TOKEN),
    (40002, "wrong grant_type", _PROGRAM, Action.ALARM),
    (40013, "AppID wrong", _SETTINGS, Action.ALARM),
    (40125, "AppSecret wrong", _SETTINGS, Action.ALARM),
    (40243, "AppSecret frozen", _SETTINGS, Action.ALARM),
    (41002, "no AppID", _SETTINGS, Action.ALARM),
    (41004, "no AppSecret", _SETTINGS, Action.ALARM),
    (40164, "our address is not on the IP allowlist", _SETTINGS, Action.ALARM),
    (61004, "our address is not on the IP allowlist", _SETTINGS, Action.ALARM),
    (40200, "this kind of account may not (test account, unverified)", _SETTINGS, Action.ALARM),
    (48001, "this account has no right to this interface", _SETTINGS, Action.ALARM),
    (48004, "interface banned for breaking the rules", _SETTINGS, Action.ALARM),
    (48006, "clear_quota used up for this month", _QUOTA_DAY, Action.ALARM),
    (50001, "the account was not granted this interface", _SETTINGS, Action.ALARM),
    (45009, "daily call quota used up", _QUOTA_DAY, Action.ALARM),
    (45011, "calls of this minute used up", _TOO_FAST, Action.SLOW_DOWN),
    # the person
    (40003, "openid unknown to this account, or no follower", _LEFT, Action.STOP_FOR_PERSON),
    (43004, "the person does not follow", _LEFT, Action.STOP_FOR_PERSON),
    (50005, "the person has unfollowed", _LEFT, Action.STOP_FOR_PERSON),
    (43019, "the person is on the account's blacklist", _BLOCKED, Action.STOP_FOR_PERSON),
    (48002, "the person receives no messages of the account", _BLOCKED, Action.STOP_FOR_PERSON),
    (50002, "the person's account is limited or closed", _RESTRICTED, Action.STOP_FOR_PERSON),
    (70000, "protection of minors", _MINOR, Action.OTHER_CHANNEL),
    (43101, "no unused consent to this notice", _NO_CONSENT, Action.CONSENT_MISSING),
    (43117, "too many messages to this person", _TOO_FAST, Action.SLOW_DOWN),
    (43108, "several notices to this person at once", _TOO_FAST, Action.SLOW_DOWN),
    # customer service
    (45015, "outside the reply window", _WINDOW, Action.OTHER_CHANNEL),
    (45047, "reply quota of this window used up", _USED_UP, Action.OTHER_CHANNEL),
    (45072, "unknown typing command", _TYPING, Action.IGNORE),
    (45080, "typing: no message in the last 30 s", _TYPING, Action.IGNORE),
    (45081, "typing: already shown", _TYPING, Action.IGNORE),
    # notices
    (40037, "template unknown", _TEMPLATE, Action.ALARM),
    (40036, "template id malformed", _TEMPLATE, Action.ALARM),
    (43107, "subscription notices banned for this account", _TEMPLATE, Action.ALARM),
    (43116, "template restricted because of misuse", _TEMPLATE, Action.ALARM),
    (40241, "the same message went out within 60 s", _SENT, Action.ALREADY_SENT),
    (40249, "taken for marketing", _REJECTED, Action.FIX_CONTENT),
    (45168, "sensitive words", _REJECTED, Action.FIX_CONTENT),
    (47003, "a field does not fit its type", _FIELD, Action.FIX_CONTENT),
    (41030, "page of the mini program does not exist", _PROGRAM, Action.FIX_CONTENT),
    # content and media
    (40004, "media type not allowed", _MEDIA, Action.FIX_CONTENT),
    (40005, "file type not allowed", _MEDIA, Action.FIX_CONTENT),
    (40006, "file size not allowed", _MEDIA, Action.FIX_CONTENT),
    (40007, "media id unknown or older than three days", _EXPIRED_MEDIA, Action.FIX_CONTENT),
    (40009, "image too large", _MEDIA, Action.FIX_CONTENT),
    (40137, "image format not allowed", _MEDIA, Action.FIX_CONTENT),
    (45001, "media too large", _MEDIA, Action.FIX_CONTENT),
    (41005, "no media in the upload", _PROGRAM, Action.FIX_CONTENT),
    (44001, "media empty", _MEDIA, Action.FIX_CONTENT),
    (44002, "body empty", _PROGRAM, Action.FIX_CONTENT),
    (44004, "text empty", _EMPTY, Action.FIX_CONTENT),
    (40008, "message type unknown", _PROGRAM, Action.FIX_CONTENT),
    (40033, "characters escaped as \\uXXXX", _PROGRAM, Action.FIX_CONTENT),
    (40035, "a parameter is not allowed", _PROGRAM, Action.FIX_CONTENT),
    (40039, "url too long", _TOO_LONG, Action.FIX_CONTENT),
    (45002, "content too long", _TOO_LONG, Action.FIX_CONTENT),
    (45003, "title too long", _TOO_LONG, Action.FIX_CONTENT),
    (45004, "description too long", _TOO_LONG, Action.FIX_CONTENT),
    (45005, "link too long", _TOO_LONG, Action.FIX_CONTENT),
    (45008, "more than one article", _PROGRAM, Action.FIX_CONTENT),
    (47001, "body is not the JSON expected", _PROGRAM, Action.FIX_CONTENT),
    (43001, "must be a GET", _PROGRAM, Action.ALARM),
    (43002, "must be a POST", _PROGRAM, Action.ALARM),
    (43003, "must be HTTPS", _SETTINGS, Action.ALARM),
    (40066, "address of the call unknown", _PROGRAM, Action.ALARM),
    # menu
    (40016, "wrong number of buttons", _MENU, Action.ALARM),
    (40017, "wrong number of buttons in a submenu, or their type", _MENU, Action.ALARM),
    (40018, "button name too long", _MENU, Action.ALARM),
    (40019, "button key too long", _MENU, Action.ALARM),
    (40020, "button url too long", _MENU, Action.ALARM),
    (46003, "the account has no menu", _MENU, Action.ALARM),
    # web login
    (40029, "login code unknown or older than five minutes", _LOGIN, Action.LOGIN_AGAIN),
    (40163, "login code already used", _LOGIN, Action.LOGIN_AGAIN),
    (42003, "login code expired", _LOGIN, Action.LOGIN_AGAIN),
    (41008, "no login code", _LOGIN, Action.LOGIN_AGAIN),
)  # fmt: skip

TABLE: dict[int, Meaning] = {row[0]: Meaning(*row) for row in _ROWS}

TOKEN_CODES = frozenset(code for code, row in TABLE.items() if row.action is Action.REFRESH_TOKEN)


def meaning_of(code: int) -> Meaning:
    """The row of ``code``. An unknown code is tried on another channel, so that in the end a
    person hears of it; an unknown negative one is the platform's own trouble."""
    known = TABLE.get(code)
    if known is not None:
        return known
    if code < 0:
        return Meaning(code, "unknown trouble of the platform", _BUSY, Action.RETRY, known=False)
    staff = f"微信没有收下这条消息（代码 {code}），会换一种方式再试；急事请打电话。"
    return Meaning(code, "unknown errcode", staff, Action.OTHER_CHANNEL, known=False)
