"""What a development installation begins with. Never beside real credentials."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot import places
from bot.casework import institutions, steps, training
from bot.casework.institution_models import Institution
from bot.casework.models import Staff
from bot.clock import LOCAL
from bot.console.accounts import add_staff
from bot.installation import Installation

USERNAME = "demo"


def ensure_staff(installation: Installation) -> tuple[str, str]:
    """The demo login, its password made once for this data folder."""
    assert installation.settings.development
    path = installation.settings.data_dir / "demo-login.json"
    if path.exists():
        kept = json.loads(path.read_text())
        password = str(kept["password"])
    else:
        password = "-".join(secrets.token_hex(3) for _ in range(3))
    with installation.database.transaction() as session:
        now = installation.clock()
        staff = add_staff(
            session,
            username=USERNAME,
            display_name="演示",
            role="social_worker",
            password=password,
            by="system:demo",
            now=now,
        )
        _ready_to_work(session, staff, now=now)
    path.write_text(json.dumps({"username": USERNAME, "password": password}))
    path.chmod(0o600)
    return USERNAME, password


def _ready_to_work(session: Session, staff: Staff, *, now: datetime) -> None:
    """A training and an institution, so that a case can be walked to its end; both plainly made up."""
    today = now.astimezone(LOCAL).date()
    trained = steps.newest_training(session, staff_id=staff.id, now=now)
    if trained is None or trained.valid_until < today:
        training.record_training(
            session,
            staff_id=staff.id,
            kind="needs_assessment",
            passed_on=today,
            valid_until=today + timedelta(days=365),
            hours=training.HOURS_A_YEAR,
            certificate_number="演示",
            by="system:demo",
            now=now,
        )
    if not session.scalar(select(exists(select(Institution.id)))):
        institutions.save_institution(
            session,
            institution_id=None,
            entry=institutions.Entry(
                name="演示康复站（虚构）",
                admission="filing",
                admission_number="演示备案1号",
                valid_until=None,
                county_code="350203",
                counties=places.counties("350000"),
                address="演示路1号（虚构）",
                telephone="演示，没有电话",
                opening_hours="周一至周五 8:30–17:00",
                service_forms=("day", "home", "peer_support"),
                capacity=30,
                prices=(institutions.PriceLine("日间训练", 0, "天"),),
            ),
            by="system:demo",
            now=now,
        )
