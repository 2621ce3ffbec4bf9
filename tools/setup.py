"""Sets up what the Makefile's targets need. Standard library only; any Python >= 3.8 runs it.

    python3 tools/setup.py [uv] [app|dev] [rasa] [browser]

It finds or installs uv, finds the two Pythons, installs both locked environments and, for the
browser tests, Chromium with a Chinese font. What is there already is left alone: each
environment remembers the lock it was made from.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_VERSION = "0.13.9"
APP_PYTHONS = ((3, 13), (3, 12), (3, 11))
APP_MINIMUM = (3, 11)
RASA_PYTHON = (3, 10)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COLUMN = 60


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence that says what to do."""


def main() -> int:
    wanted = sys.argv[1:] or ["app", "rasa"]
    os.chdir(ROOT)
    try:
        uv = find_uv()
        if "app" in wanted or "dev" in wanted:
            application(uv, dev="dev" in wanted)
        if "rasa" in wanted:
            rasa(uv)
        if "browser" in wanted:
            browser()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


# --- uv


def find_uv() -> str:
    """uv of the right age: on the PATH, or ours in .uv, installed by pip when missing."""
    ours = ROOT / ".uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(ours)):
        if candidate and version_of(candidate) >= (0, 8):
            return candidate
    step("uv: installing it into .uv")
    python = own_python()
    run([python, "-m", "venv", str(ROOT / ".uv")], "making the folder .uv")
    pip = [str(ROOT / ".uv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    run([*pip, "--disable-pip-version-check", f"uv=={UV_VERSION}"], "installing uv")
    return str(ours)


def version_of(uv: str) -> "tuple[int, ...]":
    try:
        output = subprocess.run(
            [uv, "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", output)
    return tuple(map(int, found.groups())) if found else (0,)


def own_python() -> str:
    """A Python that can make virtual environments; the one running this, or another."""
    for python in [sys.executable, *interpreters()]:
        probe = subprocess.run(
            [python, "-c", "import ensurepip, venv"], capture_output=True, check=False
        )
        if probe.returncode == 0:
            return python
    raise SetupError(
        "this Python cannot make virtual environments; install python3-venv (Debian) or uv."
    )


# --- interpreters


def interpreters() -> "list[str]":
    """Real interpreters on this machine.

    pyenv's shims fail for versions that are not selected, so its versions are looked up in its
    own folder, found through PYENV_ROOT, the PATH or the home folder.
    """
    found: dict[str, None] = {}
    pyenv_roots = [os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = Path(folder or ".")
        if path.name == "shims":
            pyenv_roots.append(str(path.parent))
            continue
        for name in sorted(path.glob("python3*")) if path.is_dir() else ():
            if re.fullmatch(r"python3(\.\d+)?", name.name):
                found[str(name)] = None
    for root in pyenv_roots:
        if root:
            for path in sorted(Path(root).glob("versions/*/bin/python3"), reverse=True):
                found[str(path)] = None
    for pattern in ("/usr/local/bin/python3.*", "/opt/python*/bin/python3"):
        for path in sorted(Path("/").glob(pattern.lstrip("/"))):
            if re.fullmatch(r"python3(\.\d+)?", path.name):
                found[str(path)] = None
    return list(found)


def python_version(python: str) -> "tuple[int, int]":
    code = "import sys; print(*sys.version_info[:2])"
    probe = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    try:
        major, minor = map(int, probe.stdout.split())
    except ValueError:
        return (0, 0)
    return (major, minor)


def application_python() -> str:
    """The interpreter of the application: the one running this if it fits, else the best."""
    if sys.version_info[:2] >= APP_MINIMUM:
        return os.path.realpath(sys.executable)
    by_version = {python_version(python): python for python in reversed(interpreters())}
    for version in APP_PYTHONS:
        if version in by_version:
            return by_version[version]
    return "3.13"  # uv fetches it


def rasa_python(uv: str) -> str:
    """Python 3.10 for Rasa: installed here, or fetched by uv."""
    for python in interpreters():
        if python_version(python) == RASA_PYTHON:
            return python
    step("Python 3.10 for Rasa: none is installed, asking uv for one")
    fetched = subprocess.run([uv, "python", "install", "3.10"], check=False)
    if fetched.returncode == 0:
        return "3.10"
    raise SetupError(
        "Rasa needs Python 3.10 and none was found: install it (`pyenv install 3.10`, or your "
        "system's python3.10 with venv), then run the same command again."
    )


# --- environments


def application(uv: str, dev: bool) -> None:
    """`.venv` from the lock: `requirements/app.txt`, or with the development tools."""
    lock = ROOT / "requirements" / ("dev.txt" if dev else "app.txt")
    folder = ROOT / ".venv"
    # The development set holds everything of the application's.
    marks = [mark_of(ROOT / "requirements" / "dev.txt")]
    if not dev:
        marks.append(mark_of(lock))
    if kept_mark(folder) in marks:
        return
    make_environment(uv, folder, application_python, lock)
    command = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
    run([*command, "--no-deps", "--no-build-isolation", "--offline", "--editable", "."], "jingkang")
    (folder / "lock").write_text(mark_of(lock))


def rasa(uv: str) -> None:
    """`.venv-rasa` from `requirements/rasa.txt`."""
    lock = ROOT / "requirements" / "rasa.txt"
    folder = ROOT / ".venv-rasa"
    if kept_mark(folder) == mark_of(lock):
        return
    make_environment(uv, folder, lambda: rasa_python(uv), lock)
    (folder / "lock").write_text(mark_of(lock))


def make_environment(uv: str, folder: Path, python: "callable", lock: Path) -> None:
    step(f"{folder.name}: installing what {lock.relative_to(ROOT)} lists, by hash")
    if not (folder / "bin" / "python").exists():
        run([uv, "venv", "--quiet", "--allow-existing", "--python", python(), str(folder)], "venv")
    command = [uv, "pip", "sync", "--python", str(folder / "bin" / "python"), "--require-hashes"]
    run([*command, "--quiet", str(lock)], f"installing {lock.name}", environment=registry())


def registry() -> "dict[str, str]":
    """uv does not read pip's settings; where pip has a registry of its own, uv is told.

    The machine's own certificates are trusted, as pip does: an office's proxy may need them.
    """
    certificates = {"UV_SYSTEM_CERTS": "true"}
    if any(name.startswith("UV_") and "INDEX" in name for name in os.environ):
        return certificates
    probe = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    url = probe.stdout.strip() or os.environ.get("PIP_INDEX_URL", "")
    return {**certificates, **({"UV_DEFAULT_INDEX": url} if url else {})}


def mark_of(lock: Path) -> str:
    digest = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return f"{lock.name} {digest.hexdigest()} {ROOT}"


def kept_mark(folder: Path) -> str:
    try:
        mark = (folder / "lock").read_text()
    except OSError:
        return ""
    return mark if (folder / "bin" / "python").exists() else ""


# --- browser


def browser() -> None:
    """Chromium and a Chinese font for the browser tests, where none is installed."""
    have = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if have and chinese_font():
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        step("Chromium and a Chinese font: installing Debian's packages, for the browser tests")
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], "reading the package lists", environment=environment)
        install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends"]
        run([*install, "chromium", "fonts-noto-cjk"], "installing", environment=environment)
        return
    if have:
        step(f"browser tests use {have}; without a Chinese font screenshots show boxes")
        return
    step("Chromium: installing Playwright's own, for the browser tests")
    run([str(ROOT / ".venv/bin/python"), "-m", "playwright", "install", "chromium"], "installing")


def chinese_font() -> bool:
    if platform.system() == "Darwin" or not shutil.which("fc-list"):
        return platform.system() == "Darwin"
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


# --- telling


def step(text: str) -> None:
    print(f"setup: {text} …", flush=True)


def run(command: "list[str]", what: str, environment: "dict[str, str] | None" = None) -> None:
    """Run one step, showing that it still runs; on failure its output is shown."""
    started = time.monotonic()
    log = ROOT / ".jingkang" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        while True:
            try:
                code = process.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                print(f"setup:   {what}: {time.monotonic() - started:.0f} s", flush=True)
    if code:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise SetupError(f"{what} failed; the lines above say why.")


if __name__ == "__main__":
    sys.exit(main())
