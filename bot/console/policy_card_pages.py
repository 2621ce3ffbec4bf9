"""Cards on the desk: written by one person, approved by another, checked again in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.clock import LOCAL
from bot.console import policy_words
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.policy import own_cards, queries
from bot.policy.cards import default_cards
from bot.policy.models import PolicyCard, PolicyQuestion
from bot.policy.own_cards import CardWords

SHOWS = {
    "draft": "草稿",
    "published": "已发布",
    "check": "该核对的",
    "product": "自带的卡片",
    "withdrawn": "已撤下",
}
Act = Callable[[Session, datetime], object]


@get("/console/policy/cards", opt=needs(Permission.READ_POLICY), sync_to_thread=True)
def list_cards(request: PageRequest, show: FromQuery[str] = "draft") -> Response[Any]:
    """Cards of staff by state, those to be checked again, those of the product."""
    return _list_page(request, show if show in SHOWS else "draft")


@get("/console/policy/cards/new", opt=needs(Permission.WORK_POLICY), sync_to_thread=True)
def new_card(request: PageRequest) -> Response[Any]:
    """An empty editor."""
    return _editor(request, None, words=_today(request, CardWords()))


@post("/console/policy/cards/new", opt=needs(Permission.WORK_POLICY), sync_to_thread=True)
def start_card(request: PageRequest, data: policy_words.CardTyped) -> Response[Any]:
    """Begin a draft."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            card = own_cards.start(
                session,
                words=policy_words.card_words(data),
                staff_id=request.user.staff_id,
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _editor(request, None, typed=data, refused=refused)
    return see_other(f"/console/policy/cards/{card.id}", done="card_kept")


@post("/console/policy/cards/replace", opt=needs(Permission.WORK_POLICY), sync_to_thread=True)
def replace_card(request: PageRequest, data: policy_words.Replace) -> Response[Any]:
    """Begin a draft that will take the place of a card that answers now."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        row = own_cards.row_of(session, data.card)
        if row is not None and row.state == "published":
            words = own_cards.words_of(row)
        else:
            product = next((card for card in default_cards() if card.id == data.card), None)
            if product is None:
                raise NotFoundException
            words = own_cards.words_of_product_card(product)
        card = own_cards.start(
            session,
            words=_today(request, words),
            staff_id=request.user.staff_id,
            by=request.user.by,
            now=installation.clock(),
            replaces=data.card,
        )
    return see_other(f"/console/policy/cards/{card.id}", done="card_copied")


@get("/console/policy/cards/{card_id:int}", opt=needs(Permission.READ_POLICY), sync_to_thread=True)
def show_card(request: PageRequest, card_id: RowId) -> Response[Any]:
    """One card of staff."""
    return _editor(request, card_id)


@post(
    "/console/policy/cards/{card_id:int}/save",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def save(request: PageRequest, card_id: RowId, data: policy_words.CardTyped) -> Response[Any]:
    """Change a draft."""
    me = request.user
    return _do(
        request,
        card_id,
        lambda session, now: own_cards.edit(
            session,
            card_id=card_id,
            version=data.version,
            words=policy_words.card_words(data),
            staff_id=me.staff_id,
            by=me.by,
            now=now,
        ),
        done="card_kept",
        typed=data,
    )


@post(
    "/console/policy/cards/{card_id:int}/approve",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def approve(request: PageRequest, card_id: RowId, data: policy_words.CardVersion) -> Response[Any]:
    """A second person publishes it."""
    me = request.user
    return _do(
        request,
        card_id,
        lambda session, now: own_cards.approve(
            session,
            card_id=card_id,
            version=data.version,
            staff_id=me.staff_id,
            by=me.by,
            now=now,
        ),
        done="card_published",
    )


@post(
    "/console/policy/cards/{card_id:int}/take-back",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def take_back(
    request: PageRequest, card_id: RowId, data: policy_words.CardVersion
) -> Response[Any]:
    """It answers no more, or the draft is dropped."""
    by = request.user.by
    return _do(
        request,
        card_id,
        lambda session, now: own_cards.withdraw(
            session, card_id=card_id, version=data.version, by=by, now=now
        ),
        done="card_withdrawn",
    )


@post(
    "/console/policy/cards/{card_id:int}/confirm",
    opt=needs(Permission.WORK_POLICY),
    sync_to_thread=True,
)
def confirm(request: PageRequest, card_id: RowId, data: policy_words.CardVersion) -> Response[Any]:
    """Looked at again, and still right."""
    by = request.user.by
    return _do(
        request,
        card_id,
        lambda session, now: own_cards.confirm(
            session, card_id=card_id, version=data.version, by=by, now=now
        ),
        done="card_confirmed",
    )


def _do(
    request: PageRequest,
    card_id: int,
    act: Act,
    *,
    done: str,
    typed: policy_words.CardForm | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            if session.get(PolicyCard, card_id) is None:
                raise NotFoundException
            act(session, installation.clock())
    except Refused as refused:
        return _editor(request, card_id, typed=typed, refused=refused)
    return see_other(f"/console/policy/cards/{card_id}", done=done)


def _today(request: PageRequest, words: CardWords) -> CardWords:
    """The same words, to be checked today."""
    today = installation_of(request).clock().astimezone(LOCAL).date()
    values = {**words.__dict__, "checked": today, "check_again_by": today + own_cards.CHECK_EVERY}
    return CardWords(**values)


def _list_page(request: PageRequest, show: str) -> Response[Any]:
    installation = installation_of(request)
    today = installation.clock().astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        counts = queries.card_counts(session)
        to_check = queries.cards_to_check(session, today=today)
        being_written = queries.drafts_instead_of(session)
        rows = queries.own_card_rows(session, show) if show in policy_words.CARD_STATES else []
    counts |= {"check": len(to_check), "product": len(default_cards())}
    return page(
        request,
        "policy_cards.html",
        show=show,
        shows=SHOWS,
        counts=counts,
        rows=rows,
        to_check=to_check,
        product=default_cards() if show == "product" else (),
        being_written=being_written,
        today=today,
        names=policy_words,
    )


def _editor(
    request: PageRequest,
    card_id: int | None,
    *,
    words: CardWords | None = None,
    typed: policy_words.CardForm | None = None,
    refused: Refused | None = None,
) -> Response[Any]:
    card, question = None, None
    if card_id is not None:
        with installation_of(request).database.transaction() as session:
            card = queries.own_card(session, card_id)
            if card is None:
                raise NotFoundException
            if card.question_id is not None:
                question = session.get(PolicyQuestion, card.question_id)
        words = own_cards.words_of(card)
    shown = (
        {name: getattr(typed, name) for name in typed.__struct_fields__}
        if typed is not None
        else policy_words.typed_card(words or CardWords())
    )
    mine = card is not None and request.user.staff_id in (card.author_id, card.edited_by)
    return page(
        request,
        "policy_card.html",
        status=refused_status(refused),
        card=card,
        shown=shown,
        missing=words.missing() if card is not None and words is not None else [],
        mine=mine,
        question=question,
        longest=own_cards.ANSWER_LONGEST,
        refused=refused,
        typed=shown if typed is not None else {},
        names=policy_words,
    )
