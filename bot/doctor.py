"""``jingkang doctor``: what is missing in this installation, in plain words, with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from bot.installation import Installation, database_url, open_installation
from bot.platform import platform_client
from bot.rasa_process import ENVIRONMENT, newest_model
from bot.settings import Settings, SettingsError
from bot.wechat.failures import PlatformFailure

LEAST_FREE = 2 * 1024**3
MOST_CLOCK_DIFFERENCE = 60.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``advice`` is empty when it is well."""

    what: str
    advice: str = ""


def run(settings: Settings) -> int:
    """Print every finding; the exit status is 1 when something is missing."""
    findings = list(examine(settings))
    for finding in findings:
        mark = "缺" if finding.advice else "好"
        print(f"[{mark}] {finding.what}")  # noqa: T201 - a command line speaks
        if finding.advice:
            print(f"     {finding.advice}")  # noqa: T201
    return 1 if any(finding.advice for finding in findings) else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that an installation needs."""
    yield from _secrets(settings)
    yield _disk(settings)
    yield _rasa_environment()
    yield _model(settings)
    try:
        installation = open_installation(settings, url=database_url(settings), pool_size=2)
    except Exception as error:
        yield Finding(
            "数据库",
            f"打不开（{type(error).__name__}）。检查 JINGKANG_DATABASE_URL，然后运行 jingkang migrate。",
        )
        return
    try:
        yield Finding("数据库能打开，密钥对得上")
        yield from _platform(installation)
    finally:
        installation.close()


def _secrets(settings: Settings) -> Iterator[Finding]:
    try:
        _ = settings.secrets
    except SettingsError as error:
        yield Finding("密钥和公众号凭据", f"{error}")
        return
    if settings.development:
        yield Finding("没有公众号凭据：现在是开发模式，用的是模拟微信")
    else:
        yield Finding("密钥和公众号凭据都设好了")
        if not settings.public_url.startswith("https://"):
            yield Finding(
                "对外网址", "把 JINGKANG_PUBLIC_URL 设成 https:// 开头的网址，家属才打得开页面。"
            )


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    what = f"数据目录还有 {free / 1024**3:.1f} GB"
    return Finding(what, "" if free > LEAST_FREE else "磁盘快满了，请清理或换大一点的磁盘。")


def _rasa_environment() -> Finding:
    there = (ENVIRONMENT / "bin" / "python").exists()
    return Finding("Rasa 的环境", "" if there else "没有装好，请运行 make setup。")


def _model(settings: Settings) -> Finding:
    model = newest_model(settings)
    if model is None:
        return Finding("对话模型", "还没有训练，请运行 jingkang train。")
    trained = datetime.fromtimestamp(model.stat().st_mtime, UTC)
    return Finding(f"对话模型训练于 {trained:%Y-%m-%d}")


def _platform(installation: Installation) -> Iterator[Finding]:
    client = platform_client(installation)
    try:
        client.check_token()
    except PlatformFailure as failure:
        code = failure.code if failure.code is not None else getattr(failure, "errcode", None)
        yield Finding("微信接口", _token_advice(code))
        return
    yield Finding("微信接口通，凭据有效")
    checks: tuple[tuple[str, Callable[[], object]], ...] = (("公众号菜单", client.get_menu),)
    for what, check in checks:
        try:
            found = check()
        except PlatformFailure as failure:
            yield Finding(what, f"微信不让看（{failure.code}）：公众号要认证过的服务号。")
            continue
        yield Finding(what, "" if found else "还没有菜单，请运行 jingkang menu。")
    yield _clock(installation)


def _token_advice(code: int | None) -> str:
    if code in (40164, 61004):
        return "这台机器的IP不在白名单里：公众号后台 → 设置与开发 → 基本配置 → IP白名单，加上它。"
    if code in (40001, 40013, 40125, 40243):
        return f"AppID 或 AppSecret 不对（{code}）：到公众号后台核对后重新设置。"
    return f"连不上微信（{code or '没有回应'}）：检查网络和 JINGKANG_WECHAT_API_BASE。"


def _clock(installation: Installation) -> Finding:
    try:
        answer = requests.head(installation.settings.platform_origin, timeout=5)
        there = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return Finding("时钟：没有可以对照的时间")
    difference = abs((installation.clock() - there).total_seconds())
    advice = "" if difference < MOST_CLOCK_DIFFERENCE else "请打开系统的自动对时（NTP）。"
    return Finding(f"时钟和微信相差 {difference:.0f} 秒", advice)
