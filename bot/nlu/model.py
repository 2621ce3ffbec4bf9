"""The trained model without Rasa: read out of Rasa's own file, with numpy alone."""

from __future__ import annotations

import tarfile
import threading
from pathlib import Path

from bot.nlu.linear import FILE_NAME, LinearModel
from bot.settings import Settings


class NoModel(Exception):
    """No trained model is there to be read."""


def find_model(settings: Settings) -> Path | None:
    """The newest trained model, or None."""
    models = settings.models_dir.glob("*.tar.gz")
    return max(models, key=lambda path: path.stat().st_mtime, default=None)


def read_model(path: Path) -> LinearModel:
    """The linear model inside a Rasa model. Raises `NoModel`."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if Path(member.name).name == FILE_NAME:
                    file = archive.extractfile(member)
                    assert file is not None
                    return LinearModel.read(file.read())
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise NoModel(f"{path.name} cannot be read: {error}") from error
    raise NoModel(f"{path.name} holds no {FILE_NAME}")


class ModelShelf:
    """The newest model of an installation, read once and again when a newer one is there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._model: LinearModel | None = None

    def model(self) -> LinearModel:
        """Raises `NoModel`."""
        path = find_model(self._settings)
        if path is None:
            raise NoModel(f"no trained model in {self._settings.models_dir}")
        with self._lock:
            if self._model is None or path != self._path:
                self._model, self._path = read_model(path), path
            return self._model


_shelf: ModelShelf | None = None


def current() -> LinearModel:
    """The model of this process's installation. Raises `NoModel`."""
    global _shelf  # noqa: PLW0603 - one model a process is enough: it is read-only
    if _shelf is None:
        _shelf = ModelShelf(Settings())
    return _shelf.model()
