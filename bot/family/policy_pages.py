"""One clause or card in full, for whoever was sent its address: public, and about nobody."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import PathParameter

from bot.clock import LOCAL
from bot.family.gate import OPEN, FamilyRequest, installation_of
from bot.family.pages import message_page, page
from bot.policy import library, regions
from bot.policy.cards import Card
from bot.policy.library import KeptClause

GONE = ("这一条不在了", "可能文件换了新的。回公众号再问一遍，小康重新查给您。")
ASK = "想问什么，回公众号直接说；要找社工，说“人工”。"

Named = Annotated[str, PathParameter(max_length=120)]


@get("/family/policy/{named:str}", opt=OPEN, sync_to_thread=True)
def show_clause(request: FamilyRequest, named: Named) -> Response[Any]:
    """A clause with its document and neighbours, or a card; `bot.policy.library.page_of`."""
    with installation_of(request).database.transaction() as session:
        if named.startswith(library.CARD_PAGE):
            card = library.find_card(session, named.removeprefix(library.CARD_PAGE))
            return _card_page(request, card) if card is not None else _gone(request)
        kept = library.find_clause(session, named)
    return _clause_page(request, kept) if kept is not None else _gone(request)


def _clause_page(request: FamilyRequest, kept: KeptClause) -> Response[Any]:
    document = kept.document
    return page(
        request,
        "policy_clause.html",
        kept=kept,
        document=document,
        clause=kept.clause,
        where=regions.name_of(document.region or "") if document.region is not None else "",
        before=kept.neighbour(-1),
        after=kept.neighbour(1),
        ended=document.validity.ends is not None and document.validity.ends < _today(request),
        ask=ASK,
    )


def _card_page(request: FamilyRequest, card: Card) -> Response[Any]:
    return page(
        request,
        "policy_card.html",
        card=card,
        where=regions.name_of(card.region),
        clause=card.clause.replace("(", "（").replace(")", "）"),
        overdue=card.is_overdue(_today(request)),
        ask=ASK,
    )


def _today(request: FamilyRequest) -> date:
    return installation_of(request).clock().astimezone(LOCAL).date()


def _gone(request: FamilyRequest) -> Response[Any]:
    title, sentence = GONE
    return message_page(request, title=title, sentence=sentence, status=404)
