"""Answers of the family pages: pages from templates, redirects, pages about errors."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, State
from litestar.response import Redirect, Template

from bot.casework.errors import Conflict, Refused
from bot.console.security import CSRF_COOKIE
from bot.family.gate import FamilyRequest, installation_of
from bot.family.static_files import address_of

HOME = "/family"

LINKS = ((HOME, "我的申请"),)
"""The pages that every page leads to: address and name."""

_ERRORS = {
    400: ("这一步没看懂", "填的内容有一处不对，请回上一页看看。"),
    403: ("这一页打不开", "页面放得太久了，请重新打开再试。"),
    404: ("没有这一页", "可能已经不在了，也可能不是您的。回首页看看。"),
    405: ("这一步没看懂", "请从页面上的按钮操作。"),
    413: ("内容太多了", "请写短一些再发。"),
    429: ("太快了", "请过一会儿再试。"),
    503: ("暂时连不上", "不是您的问题，请过一两分钟再试。急事请打电话。"),
}
_BROKEN = ("这里出了点问题", "不是您的问题，已经记下来了。请过一会儿再试，急事请打电话。")

DONE: dict[str, str] = {
    "agreed": "记下了。随时可以改主意。",
    "signed": "签好了。",
    "confirmed": "谢谢，记下了。",
    "disputed": "记下了，社工会去核实，再告诉您。",
    "resubmitted": "交给社工了。",
    "objected": "异议记下了，由督导再看一遍。",
    "withdrawn": "已经撤回，不会再往下办。",
    "bound_patient": "绑好了，您是患者本人。",
    "bound_guardian": "绑好了，您是监护人。",
    "bound_caregiver": "绑好了，您是照护者。",
    "erased": "填的都删掉了。",
    "submitted": "交上去了，社工看过会联系您。回执编号也发到微信里了。",
}
"""What a redirect may say had been done: by name, so that no text travels in an address."""


def page(request: FamilyRequest, template: str, *, status: int = 200, **context: Any) -> Template:
    """A page of the folder ``bot/family/templates``; extends ``family/layout.html``."""
    return Template(
        f"family/{template}",
        context={
            "family_static": address_of,
            "family_links": LINKS,
            "visitor": request.scope.get("user"),
            "now": installation_of(request).clock(),
            "done": DONE.get(request.query_params.get("done", "")),
            **context,
        },
        status_code=status,
        media_type=MediaType.HTML,
    )


def message_page(
    request: Request[Any, Any, State],
    *,
    title: str,
    sentence: str,
    status: int = 200,
    link: tuple[str, str] | None = None,
) -> Template:
    """A page that says one thing, and where to go on (address, words)."""
    return page(request, "message.html", status=status, title=title, sentence=sentence, link=link)


def error_page(request: Request[Any, Any, State], status: int) -> Response[Any]:
    """What went wrong, in kind words."""
    title, sentence = _ERRORS.get(status, _BROKEN if status >= 500 else _ERRORS[400])
    response = message_page(
        request, status=status, title=title, sentence=sentence, link=(HOME, "回首页")
    )
    if status == 403 and request.method == "POST":
        # A forgery token made with a former key would be refused for ever: begin a new one.
        response.cookies.append(Cookie(CSRF_COOKIE, max_age=0))
    return response


def refused_status(refused: Refused | None) -> int:
    """Status of a page that may have to say that a step was not done."""
    if refused is None:
        return 200
    return 409 if isinstance(refused, Conflict) else 422


def see_other(path: str, *, done: str | None = None) -> Redirect:
    """After a form was taken: go and look at the result."""
    return Redirect(path if done is None else f"{path}?done={done}", status_code=303)
