"""``jingkang``: every door of the installation on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from bot.installation import Installation

Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parsed = build_parser(arguments).parse_args(arguments)
    run: Command = parsed.run
    try:
        return run(parsed)
    except ValidationError as error:
        for problem in error.errors():
            name = "JINGKANG_" + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"jingkang: {name}: {problem['msg']}", file=sys.stderr)
        return 2
    except (SettingsError, _StartError) as error:
        print(f"jingkang: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class _StartError(Exception):
    """A command cannot start; the message says why."""


def build_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for one command line; what a large command needs is loaded only for it."""
    parser = argparse.ArgumentParser(
        prog="jingkang", description="精康 · WeChat bot and console for community rehabilitation"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, help_text: str, run: Command) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        return command

    add("up", "start everything and keep it running", _up)
    add("web", "callback, console, health and metrics", _web)
    add("worker", "deliver the outbox, take up abandoned messages", _worker)
    add("scheduler", "what happens because time passes", _scheduler)
    add("actions", "Rasa's custom actions", _actions)
    add("rasa", "Rasa, from its own environment", _rasa)
    add("emulator", "the WeChat platform, played for development", _emulator)
    add("migrate", "bring the database to the current schema", _migrate)
    add("train", "train the dialogue model when its data changed", _train)
    _add_staff(commands)
    _add_case(commands)
    understand = add("understand", "what the bot understands of a sentence", _not_loaded)
    policy = commands.add_parser("policy", help="official documents and answers")
    if "understand" in arguments[:1]:
        from bot import cli_understand

        cli_understand.add_arguments(understand)
        understand.set_defaults(run=cli_understand.run)
    if "policy" in arguments[:1]:
        from bot import cli_policy

        cli_policy.add_arguments(policy)
    keys = commands.add_parser("keys", help="encryption keys")
    audit = commands.add_parser("audit", help="the audit log")
    if arguments[:1] in (["keys"], ["audit"]):
        from bot import cli_privacy

        cli_privacy.add_keys(keys, _opened)
        cli_privacy.add_audit(audit, _opened)
    saving = add("backup", "write the database to one file", _backup)
    saving.add_argument("file", type=Path)
    restoring = add("restore", "bring a backup into an empty database", _restore)
    restoring.add_argument("file", type=Path)
    add("menu", "put the menu on the official account", _menu)
    add("doctor", "what is missing in this installation", _doctor)
    return parser


def _add_staff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    staff = commands.add_parser("staff", help="accounts of the console")
    actions = staff.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make an account, or give it a new password and role")
    add.add_argument("--username", required=True)
    add.add_argument(
        "--role",
        required=True,
        choices=("social_worker", "supervisor", "institution_staff", "administrator", "auditor"),
    )
    add.add_argument("--display-name", help="as families read it; the username when left out")
    add.add_argument(
        "--password-stdin", action="store_true", required=True, help="read it from standard input"
    )
    add.set_defaults(run=_staff_add)


def _add_case(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    case = commands.add_parser("case", help="cases")
    actions = case.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="cases, one JSON object a line")
    listing.add_argument("--json", action="store_true", required=True)
    listing.set_defaults(run=_case_list)


def _not_loaded(_: argparse.Namespace) -> int:
    raise AssertionError("replaced when the command is chosen")


def _up(_: argparse.Namespace) -> int:
    from bot import up

    with _said_plainly():
        return up.run(Settings())


def _web(_: argparse.Namespace) -> int:
    import uvicorn

    from bot.logs import configure
    from bot.web import create_app

    configure()
    settings = Settings()
    uvicorn.run(
        create_app(_installation(settings, pool_size=16)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        # Only a proxy on this machine may say whom a request comes from.
        forwarded_allow_ips="127.0.0.1",
    )
    return 0


def _worker(_: argparse.Namespace) -> int:
    import asyncio

    from bot import worker
    from bot.logs import configure

    configure()
    installation = _installation(Settings(), pool_size=32)
    asyncio.run(worker.run(installation))
    return 0


def _scheduler(_: argparse.Namespace) -> int:
    from bot.logs import configure
    from scheduler import run

    configure()
    run.run(_installation(Settings(), pool_size=16))
    return 0


def _actions(_: argparse.Namespace) -> int:
    import uvicorn

    from actions.server import create_app
    from bot.logs import configure

    configure()
    settings = Settings()
    uvicorn.run(
        create_app(_installation(settings, pool_size=16)),
        host="127.0.0.1",
        port=settings.actions_port,
        log_config=None,
        access_log=False,
    )
    return 0


def _rasa(_: argparse.Namespace) -> int:
    from bot import installation, rasa_process

    settings = Settings()
    rasa_process.exec_rasa(settings, database_url=installation.database_url(settings))
    return 1  # only reached when exec failed


def _emulator(_: argparse.Namespace) -> int:
    from bot.emulator.run import run
    from bot.emulator.settings import EmulatorSettings

    settings = Settings()
    if not settings.development:
        raise _StartError("WeChat credentials are set: the emulator never runs beside them.")
    secrets = settings.secrets
    run(
        EmulatorSettings(
            app_id=secrets.app_id,
            app_secret=secrets.app_secret,
            token=secrets.token,
            aes_key=secrets.aes_keys[0],
            callback_url=f"http://127.0.0.1:{settings.port}/wechat/callback",
            mode="safe",
            data_path=settings.data_dir / "emulator",
        ),
        host="127.0.0.1",
        port=settings.emulator_port,
    )
    return 0


def _migrate(_: argparse.Namespace) -> int:
    from bot import installation

    settings = Settings()
    settings.secrets  # noqa: B018 - a missing one stops here
    with _said_plainly():
        installation.migrate_installation(settings, installation.database_url(settings))
    print("The database is up to date.")
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    from bot.backup import BackupFailed, backup

    installation = _opened()
    try:
        size = backup(installation.database.url, arguments.file)
    except BackupFailed as error:
        raise _StartError(str(error)) from error
    finally:
        installation.close()
    print(f"{arguments.file}: {size / 1e6:.1f} MB. Keep the encryption keys somewhere else:")
    print("without them nobody can read it, and neither can you.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from bot.backup import BackupFailed, restore
    from bot.installation import database_url, open_installation

    settings = Settings()
    with _said_plainly():
        url = database_url(settings)
        try:
            restore(url, arguments.file)
        except BackupFailed as error:
            raise _StartError(str(error)) from error
        open_installation(settings, url=url).close()  # the keys are those of the backup
    print("Restored. Start the processes; run `jingkang doctor` to see what is missing here.")
    return 0


def _train(_: argparse.Namespace) -> int:
    from bot.nlu import train

    return train.run(Settings())


def _staff_add(arguments: argparse.Namespace) -> int:
    from bot.console.accounts import AccountRefused, add_staff

    password = sys.stdin.readline().rstrip("\r\n")
    installation = _installation(Settings())
    try:
        with installation.database.transaction() as session:
            staff = add_staff(
                session,
                username=arguments.username,
                display_name=arguments.display_name or arguments.username,
                role=arguments.role,
                password=password,
                by="system:command-line",
                now=installation.clock(),
            )
            print(f"{staff.username}: {staff.role}")
    except AccountRefused as refused:
        raise _StartError(str(refused)) from refused
    return 0


def _case_list(_: argparse.Namespace) -> int:
    from bot.casework.listing import case_listing

    installation = _installation(Settings())
    with installation.database.transaction() as session:
        for row in case_listing(session):
            print(json.dumps(row, ensure_ascii=False))
    return 0


def _menu(_: argparse.Namespace) -> int:
    from bot.dialogue.shortcuts import MENU
    from bot.family.menu import with_family_pages
    from bot.platform import platform_client
    from bot.wechat.failures import PlatformFailure

    installation = _installation(Settings())
    menu = with_family_pages(MENU, origin=installation.settings.own_origin)
    try:
        platform_client(installation).create_menu(menu)
    except PlatformFailure as failure:
        raise _StartError(f"The platform did not take the menu: {failure}") from failure
    print("The menu is set; phones show it within five minutes.")
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from bot import doctor

    return doctor.run(Settings())


def _installation(settings: Settings, *, pool_size: int = 4) -> Installation:
    """The migrated installation, or a sentence why there is none."""
    from bot.installation import database_url, migrate_installation, open_installation

    with _said_plainly():
        url = database_url(settings)
        if not settings.database_url:
            # The embedded database belongs to this installation alone: nobody is surprised.
            migrate_installation(settings, url)
        return open_installation(settings, url=url, pool_size=pool_size)


def _opened() -> Installation:
    return _installation(Settings())


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What is wrong with the database, as a sentence in place of a traceback."""
    import psycopg
    from sqlalchemy.exc import OperationalError

    from bot.db.migrate import KeyMissing, NotPrepared

    try:
        yield
    except (KeyMissing, NotPrepared) as error:
        raise _StartError(str(error)) from error
    except psycopg.errors.UndefinedTable as error:
        raise _StartError(
            "The database has no tables yet: run `jingkang migrate` first."
        ) from error
    except OperationalError as error:
        raise _StartError(f"The database does not answer: {error.orig}") from error
    except psycopg.OperationalError as error:
        raise _StartError(f"The database does not answer: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
