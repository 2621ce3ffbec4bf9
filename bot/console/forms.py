"""What the console's forms send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from msgspec import Meta, Struct

_MOST = 2**62

RowId = Annotated[int, PathParameter(ge=1, le=_MOST)]
"""A row's id in an address."""
Number = Annotated[int, Meta(ge=0, le=_MOST)]

REPLY_LONGEST = 600
"""Characters; so that one reply is one message of WeChat, which allow only few."""
NOTE_LONGEST = 2000
RETURN_LONGEST = 500
SEARCH_LONGEST = 100


class VersionForm(Struct):
    """A step on a case or ticket as the page showed it."""

    version: Number


class ReturnForm(Struct):
    version: Number
    what: str = ""


class LeadForm(Struct):
    version: Number
    outcome: str = ""
    """One of `bot.casework.models.LEAD_OUTCOMES`."""
    findings: str = ""


class NoteForm(Struct):
    note: str = ""


class ReplyForm(Struct):
    owner_version: Number
    seen: Number
    """The newest message of the family on the page."""
    text: str = ""


class AssignForm(Struct):
    version: Number
    to: Number


class HandBackForm(Struct):
    owner_version: Number


class ExportForm(Struct):
    show: str = ""


class SearchForm(Struct):
    q: str = ""


class SignInForm(Struct):
    username: str = ""
    password: str = ""
    next: str = ""
    """Page to go to."""
    kept: str = ""
    """A form that waits to be sent, see `bot.console.signing_in`."""


Version = Annotated[VersionForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Return = Annotated[ReturnForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Note = Annotated[NoteForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
LeadAnswer = Annotated[LeadForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Reply = Annotated[ReplyForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Assign = Annotated[AssignForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
HandBack = Annotated[HandBackForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Export = Annotated[ExportForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Search = Annotated[SearchForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
SignIn = Annotated[SignInForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


async def all_fields(request: Request[Any, Any, State]) -> dict[str, list[str]]:
    """Every field of a posted form, whatever its names; files are left out."""
    form = await request.form()
    return {name: [value for value in form.getall(name) if isinstance(value, str)] for name in form}


def version_of(said: Mapping[str, list[str]]) -> int:
    """The version that the page showed; 0, which no row has, where it is missing."""
    text = (said.get("version") or ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
