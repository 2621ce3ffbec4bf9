"""Settings of one installation, read from the environment and ``.env``.

Without WeChat credentials the installation is a development one: it talks to the platform
emulator and makes its own secrets, kept in the data folder. With credentials nothing has a
default: a missing secret stops the start with a sentence that names it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REAL_PLATFORM = "https://api.weixin.qq.com"
EMULATOR_HOST = "127.0.0.1"


class SettingsError(Exception):
    """The installation cannot start as configured; the message says what to set."""


class Settings(BaseSettings):
    """One installation. Empty strings mean "not set"."""

    model_config = SettingsConfigDict(env_prefix="JINGKANG_", env_file=".env", extra="ignore")

    database_url: str = ""
    data_dir: Path = Path(".jingkang")
    models_dir: Path = Path()
    """Trained dialogue models; the folder ``models`` of the data folder when not set."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    emulator_port: int = Field(default=8001, ge=1, le=65535)
    rasa_port: int = Field(default=5005, ge=1, le=65535)
    actions_port: int = Field(default=5055, ge=1, le=65535)
    public_url: str = ""

    wechat_app_id: str = ""
    wechat_app_secret: str = ""
    wechat_token: str = ""
    wechat_aes_key: str = ""
    wechat_previous_aes_key: str = ""
    wechat_encrypted_only: bool = False
    """Refuse unencrypted pushes; set it when the account is in 安全模式."""
    wechat_api_base: str = ""

    rasa_url: str = ""
    rasa_token: str = ""
    encryption_keys: str = ""

    @field_validator("wechat_api_base", "rasa_url", "public_url")
    @classmethod
    def _origin_without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _models_beside_data(self) -> Settings:
        if self.models_dir == Path():
            self.models_dir = self.data_dir / "models"
        return self

    @property
    def development(self) -> bool:
        """True while no WeChat credential is set: the emulator stands in for the platform."""
        return not (self.wechat_app_id or self.wechat_app_secret)

    @cached_property
    def secrets(self) -> Secrets:
        """The installation's secrets; raises `SettingsError` when one is missing."""
        if self.development:
            return _development_secrets(self)
        required = {
            "JINGKANG_WECHAT_APP_ID": self.wechat_app_id,
            "JINGKANG_WECHAT_APP_SECRET": self.wechat_app_secret,
            "JINGKANG_WECHAT_TOKEN": self.wechat_token,
            "JINGKANG_WECHAT_AES_KEY": self.wechat_aes_key,
            "JINGKANG_RASA_TOKEN": self.rasa_token,
            "JINGKANG_ENCRYPTION_KEYS": self.encryption_keys,
        }
        missing = [name for name, value in required.items() if not value]
        if missing:
            raise SettingsError(
                f"Set {' and '.join(missing)} in the environment or in .env: "
                "with WeChat credentials there are no default secrets."
            )
        return Secrets(
            app_id=self.wechat_app_id,
            app_secret=self.wechat_app_secret,
            token=self.wechat_token,
            aes_keys=tuple(k for k in (self.wechat_aes_key, self.wechat_previous_aes_key) if k),
            rasa_token=self.rasa_token,
            encryption_keys=parse_encryption_keys(self.encryption_keys),
        )

    @property
    def platform_origin(self) -> str:
        """Where the WeChat API answers: the setting, else the emulator or the real platform."""
        if self.wechat_api_base:
            return self.wechat_api_base
        return self.emulator_origin if self.development else REAL_PLATFORM

    @property
    def emulator_origin(self) -> str:
        return f"http://{EMULATOR_HOST}:{self.emulator_port}"

    @property
    def rasa_origin(self) -> str:
        return self.rasa_url or f"http://127.0.0.1:{self.rasa_port}"

    @property
    def own_origin(self) -> str:
        """The address that families' phones use; needed for links in messages."""
        return self.public_url or f"http://{self.host}:{self.port}"


class Secrets:
    """The secrets of one installation. Never logged: ``repr`` shows none."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        token: str,
        aes_keys: tuple[str, ...],
        rasa_token: str,
        encryption_keys: tuple[bytes, ...],
    ) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.token = token
        self.aes_keys = aes_keys
        self.rasa_token = rasa_token
        self.encryption_keys = encryption_keys


def parse_encryption_keys(value: str) -> tuple[bytes, ...]:
    """Read comma-separated urlsafe base64 keys of 32 bytes, newest first."""
    keys = []
    for number, part in enumerate(filter(None, (p.strip() for p in value.split(","))), start=1):
        try:
            key = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        except ValueError as error:
            raise SettingsError(
                f"JINGKANG_ENCRYPTION_KEYS: key {number} is not urlsafe base64."
            ) from error
        if len(key) != 32:
            raise SettingsError(
                f"JINGKANG_ENCRYPTION_KEYS: key {number} has {len(key)} bytes and needs 32."
            )
        keys.append(key)
    if not keys:
        raise SettingsError("JINGKANG_ENCRYPTION_KEYS holds no key.")
    return tuple(keys)


def _development_secrets(settings: Settings) -> Secrets:
    """Secrets of a development installation, made once and kept in its data folder."""
    path = settings.data_dir / "development-secrets.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "app_id": "wx" + secrets.token_hex(8),
            "app_secret": secrets.token_hex(16),
            "token": secrets.token_hex(12),
            # An EncodingAESKey is base64 of 32 bytes without its last "=".
            "aes_key": base64.b64encode(secrets.token_bytes(32)).decode()[:43],
            "rasa_token": secrets.token_urlsafe(24),
            "encryption_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        # Linked into place so that two processes starting at once agree on one file.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(made, indent=1))
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = json.loads(path.read_text())
    return Secrets(
        app_id=kept["app_id"],
        app_secret=kept["app_secret"],
        token=settings.wechat_token or kept["token"],
        aes_keys=(settings.wechat_aes_key or kept["aes_key"],),
        rasa_token=settings.rasa_token or kept["rasa_token"],
        encryption_keys=parse_encryption_keys(settings.encryption_keys or kept["encryption_key"]),
    )
