"""Answers of the console: pages from templates, redirects, pages about errors."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, State
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.template import TemplateConfig

from bot.casework import queries
from bot.casework.errors import Conflict, Refused
from bot.casework.stages import STAGE_NAMES, TICKET_STATE_NAMES, URGENCY_NAMES
from bot.console import words
from bot.console.gate import Kept, PageRequest, installation_of, kept_form
from bot.console.permissions import Permission, may, start_page
from bot.console.security import CSRF_COOKIE
from bot.console.static_files import address_of

SIGN_IN = "/console/sign-in"

_ERRORS = {
    400: ("这一步没看懂", "填的内容有一处不对，请回上一页看看。"),
    401: ("请先登录", "登录后再看这一页。"),
    403: ("这一页打不开", "您的账号看不了这一页；也可能是页面放得太久了，请刷新再试。"),
    404: ("没有这一页", "可能链接写错了，或者已经不在了。"),
    405: ("这一步没看懂", "请从页面上的按钮操作。"),
    409: ("慢了一步", "刚刚有同事动过，请刷新再看。"),
    413: ("内容太多了", "请写短一些再发。"),
    429: ("试得太多了", "请过一刻钟再试。"),
    503: ("暂时连不上数据", "不是您的问题，请过一两分钟再试。"),
}
_BROKEN = ("这里出了点问题", "不是您的问题，已经记下来了。请过一会儿再试，还不行就告诉管理员。")

DONE = {
    "claimed": "接手了，家属已经收到通知。",
    "ticket_claimed": "接手了。",
    "returned": "已经请家属补充，等家属回复。",
    "accepted": "初审通过，家属已经收到通知。",
    "acted": "做好了，该知道的家属已经收到消息。",
    "assigned": "交给同事了。",
    "day_set": "存好了，期限从现在起照它算。",
    "hours_set": "存好了，期限从现在起照它算。",
    "trained": "登记好了。",
    "imported": "导入好了。",
    "canned_saved": "存好了。",
    "canned_removed": "删掉了。",
    "away": "登记好了，手上的事都回到了“待认领”。",
    "back": "欢迎回来。",
    "placed": "存好了，对方要重新登录。",
    "noted": "备注记下了，只有同事看得到。",
    "replied": "发出去了。现在由您和家属说话，小康先不出声。",
    "handed_back": "交还给小康了，家属已经收到一句话。",
    "settled": "办结了。",
    "deactivated": "账号停用了，登录着的地方都已退出。",
    "activated": "账号重新启用了。",
    "signed_out": "您已退出。",
    "complaint_done": "记下了。",
    "policy_published": "发布了，小康从现在起照着它答。",
    "policy_replaced": "发布了，新的替换了旧的。",
    "policy_dropped": "丢掉了，没有发布。",
    "policy_withdrawn": "标成作废了，小康不再照它答。",
    "policy_superseded": "标好了，小康不再照旧的答。",
    "policy_restored": "恢复了，小康又会照着它答。",
    "card_kept": "存好了。",
    "card_copied": "照着抄了一份草稿，改好以后请另一位同事来审。",
    "card_from_answer": "留成草稿了。补上依据和日期，再请另一位同事来审。",
    "card_published": "发布了，小康从现在起会用它来答。",
    "card_withdrawn": "撤下了。",
    "card_confirmed": "记下了，半年后再核对。",
}
"""What a redirect may say had been done: by name, so that no text travels in an address."""


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Jinja with everything escaped and nothing undefined.

    An application has one engine: the family pages' templates are its folder ``family/``.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("bot.console"), PrefixLoader({"family": PackageLoader("bot.family")})]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        icons=environment.get_template("icons.html").module,
        static=address_of,
        may=may,
        Permission=Permission,
        start_page=start_page,
        STAGE_NAMES=STAGE_NAMES,
        TICKET_STATE_NAMES=TICKET_STATE_NAMES,
        URGENCY_NAMES=URGENCY_NAMES,
        ROLE_NAMES=words.ROLE_NAMES,
        SHOW_NAMES=words.SHOW_NAMES,
    )
    environment.filters.update(
        moment=words.moment,
        full_moment=words.full_moment,
        waited=words.waited,
        ago=words.ago,
        due=words.due,
        masked_name=words.masked_name,
        county=queries.county_name,
    )
    return TemplateConfig(instance=JinjaTemplateEngine(engine_instance=environment))


def page(request: PageRequest, template: str, *, status: int = 200, **context: Any) -> Template:
    """A page for whoever is signed in."""
    return Template(
        template,
        context={
            "me": request.scope.get("user"),
            "now": installation_of(request).clock(),
            "done": DONE.get(request.query_params.get("done", "")),
            **context,
        },
        status_code=status,
        media_type=MediaType.HTML,
    )


def refused_status(refused: Refused | None) -> int:
    """Status of a page that may have to say that a step was not done."""
    if refused is None:
        return 200
    return 409 if isinstance(refused, Conflict) else 422


def see_other(path: str, *, done: str | None = None) -> Redirect:
    """After a form was taken: go and look at the result."""
    return Redirect(path if done is None else f"{path}?done={done}", status_code=303)


def error_page(request: Request[Any, Any, State], status: int) -> Response[Any]:
    """What went wrong, in kind words; plain text outside the console."""
    title, sentence = _ERRORS.get(status, _BROKEN if status >= 500 else _ERRORS[400])
    if not request.url.path.startswith("/console"):
        return Response(title, status_code=status, media_type=MediaType.TEXT)
    response = page(
        request,
        "error.html",
        status=status,
        title=title,
        sentence=sentence,
        kept=kept_form(request) if status >= 500 else None,
    )
    if status == 403 and request.method == "POST":
        # A forgery token made with a former key would be refused for ever: begin a new one.
        response.cookies.append(Cookie(CSRF_COOKIE, max_age=0))
    return response


def resume_page(request: PageRequest, kept: Kept) -> Template:
    """After signing in again: what had been typed, and the button to send it."""
    return page(request, "resume.html", kept=kept)
