"""The migrations make exactly the tables that the code knows."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.installation import Installation
from bot.tables import Base

BY_SQL_ALONE = {"case_step", "dose_step", "alembic_version"}
"""Tables that no model has: rules that the database holds."""


def test_migrations_and_models_agree(installation: Installation) -> None:
    def ours(name: str | None, kind: str, parents: Any) -> bool:
        table = name if kind == "table" else parents.get("table_name")
        return table not in BY_SQL_ALONE and not str(table).startswith("pgqueuer")

    with installation.database.connection() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": ours, "compare_type": True}
        )
        found = [str(difference) for difference in compare_metadata(context, Base.metadata)]
    assert found == [], "\n".join(found)
