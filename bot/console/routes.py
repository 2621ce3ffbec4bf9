"""The console's routes, and what the application needs for them."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response, Router
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler
from sqlalchemy.exc import OperationalError, TimeoutError

from bot.console import (
    case_pages,
    complaint_pages,
    desk_pages,
    figures_pages,
    gate,
    institution_pages,
    office_pages,
    policy_card_pages,
    policy_document_pages,
    policy_question_pages,
    queue_pages,
    referral_pages,
    security,
    signing_in,
    staff_pages,
    static_files,
    ticket_pages,
    training_pages,
)
from bot.console.pages import error_page, template_config
from bot.installation import Installation

__all__ = ["app_options", "error_page", "handlers"]

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024


def handlers() -> list[ControllerRouterHandler]:
    """Every route under ``/console``."""
    pages = Router(
        path="/",
        middleware=[security.OddTokens()],
        guards=[gate.admit],
        exception_handlers={
            gate.SignInNeeded: signing_in.ask_to_sign_in,
            OperationalError: _database_away,
            TimeoutError: _database_away,
        },
        request_max_body_size=LARGEST_FORM,
        route_handlers=[
            signing_in.sign_in_page,
            signing_in.sign_in,
            signing_in.sign_out,
            queue_pages.queue,
            queue_pages.counts,
            queue_pages.export_queue,
            queue_pages.search,
            case_pages.show_case,
            case_pages.claim,
            case_pages.return_for_correction,
            case_pages.accept,
            case_pages.do_action,
            case_pages.assign,
            case_pages.note,
            case_pages.reply,
            case_pages.hand_back,
            case_pages.news,
            institution_pages.list_institutions,
            institution_pages.preview,
            institution_pages.import_sheet,
            institution_pages.export,
            office_pages.show_office,
            office_pages.set_day,
            office_pages.set_hours,
            training_pages.list_trainings,
            training_pages.record_training,
            desk_pages.list_canned,
            desk_pages.save_canned,
            desk_pages.remove_canned,
            desk_pages.away,
            desk_pages.place,
            referral_pages.list_referrals,
            referral_pages.show_referral,
            referral_pages.do_for_institution,
            ticket_pages.show_ticket,
            ticket_pages.claim_ticket,
            ticket_pages.settle_ticket,
            ticket_pages.answer_lead,
            ticket_pages.reply_on_ticket,
            ticket_pages.hand_back_on_ticket,
            figures_pages.show_figures,
            figures_pages.export_figures,
            complaint_pages.list_complaints,
            complaint_pages.show_complaint,
            complaint_pages.accept,
            complaint_pages.not_accept,
            complaint_pages.extend,
            complaint_pages.answer,
            complaint_pages.note,
            complaint_pages.reclassify,
            policy_document_pages.list_documents,
            policy_document_pages.upload,
            policy_document_pages.show_upload,
            policy_document_pages.publish,
            policy_document_pages.drop,
            policy_document_pages.show_document,
            policy_document_pages.withdraw,
            policy_document_pages.supersede,
            policy_document_pages.restore,
            policy_card_pages.list_cards,
            policy_card_pages.new_card,
            policy_card_pages.start_card,
            policy_card_pages.replace_card,
            policy_card_pages.show_card,
            policy_card_pages.save,
            policy_card_pages.approve,
            policy_card_pages.take_back,
            policy_card_pages.confirm,
            policy_question_pages.list_questions,
            policy_question_pages.keep_answer,
            policy_question_pages.keep_answer_of_ticket,
            staff_pages.list_staff,
            staff_pages.deactivate,
            staff_pages.activate,
            staff_pages.show_log,
            static_files.static_file,
        ],
    )
    return [pages]


def app_options(installation: Installation) -> dict[str, Any]:
    """Keyword arguments for `litestar.Litestar` that the console relies on."""
    return {
        "csrf_config": security.csrf_config(installation),
        "template_config": template_config(),
        "before_send": [security.add_headers],
    }


def _database_away(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    log.error("database_away", path=request.url.path, error=type(error).__name__)
    return error_page(request, 503)
