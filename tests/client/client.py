"""The real Claude Code client: where it is, and how it is run so that it touches nothing of ours.

`CLAUDE_BIN` names a client; else the pinned version is installed from npm, once, into a cache folder that
`LINEITEM_TEST_CLIENT` may move.
What always holds: a client runs with a throw-away home and talks to a loopback API only; where the system
allows it, in a network of its own in which there is nothing else.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

VERSION = "2.1.330"
PACKAGE = "@anthropic-ai/claude-code"
RUN_SECONDS = 180  #: more than any run takes; a client that hangs is a failure, not a wait

GET_FLAGS, SET_FLAGS, IS_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h and if.h


class NoClientError(Exception):
    """There is no client on this machine and none can be had; the message says why."""


def find_client() -> Path:
    """The client's native binary; installs it the first time."""
    named = os.environ.get("CLAUDE_BIN")
    if named:
        if not os.access(named, os.X_OK):
            raise NoClientError(f"CLAUDE_BIN names {named}, which cannot be run")
        return Path(named)
    folder = cache_folder() / f"client-{VERSION}"
    return installed_in(folder) or install(folder)


def cache_folder() -> Path:
    """Where clients are kept between runs of the tests."""
    chosen = os.environ.get("LINEITEM_TEST_CLIENT")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lineitem-tests"


def installed_in(folder: Path) -> Path | None:
    """The binary that an earlier install left in a folder."""
    found = sorted(folder.glob(f"node_modules/{PACKAGE}-linux-*/claude"))
    return found[0] if found else None


def install(folder: Path) -> Path:
    """Install the pinned client; whole or not at all, so that two test runs may meet here."""
    if platform.system() != "Linux":
        raise NoClientError(f"the client tests run on Linux, this is {platform.system()}")
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise NoClientError("the client comes from npm: install node and npm, or set CLAUDE_BIN")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        unfinished = Path(scratch) / folder.name
        words = ["--prefix", str(unfinished), "--cache", f"{scratch}/npm", "--no-audit", "--no-fund"]
        done = subprocess.run(
            [npm, "install", *words, f"{PACKAGE}@{VERSION}"],
            cwd=scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not installed_in(unfinished):
            raise NoClientError(f"npm could not install {PACKAGE}@{VERSION}: {done.stderr.strip()[-400:]}")
        with suppress(OSError):  # another run was here first, and its client is as good
            unfinished.rename(folder)
    client = installed_in(folder)
    if client is None:
        raise NoClientError(f"{folder} holds no client; remove it and try again")
    return client


@cache
def private_network() -> tuple[str, ...]:
    """The words before a command that give it a network of its own, if the system allows that."""
    unshare = shutil.which("unshare")
    if not unshare:
        return ()
    words = (unshare, "--map-root-user", "--net")
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else ()


def raise_loopback() -> None:
    """Bring `lo` up if it is down, as it is in a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, GET_FLAGS, asked))[1]
        if not flags & IS_UP:
            fcntl.ioctl(probe, SET_FLAGS, struct.pack("16sH14x", b"lo", flags | IS_UP))


@dataclass(frozen=True, slots=True)
class Client:
    """A client in a home of its own."""

    binary: Path
    home: Path
    project: Path
    api_url: str
    env: dict[str, str]  #: what a scenario adds

    @property
    def config(self) -> Path:
        """What a person has in ~/.claude."""
        return self.home / ".claude"

    def run(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Type one prompt with `-p`, let it finish, and return what it printed."""
        words = [str(self.binary), "-p", text, "--output-format", "json", "--dangerously-skip-permissions"]
        return subprocess.run(
            [*words, *options],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """All that the client inherits: nothing of the person at the keyboard, no way off this machine."""
        host = urlsplit(self.api_url).hostname
        if host != "127.0.0.1":
            raise ValueError(f"the client may talk to loopback only, not to {host}")
        scratch = self.home / "tmp"
        scratch.mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "dumb",
            "CLAUDE_CONFIG_DIR": str(self.config),
            "ANTHROPIC_BASE_URL": self.api_url,
            "ANTHROPIC_API_KEY": "sk-not-a-key",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "IS_SANDBOX": "1",  # without it, root may not skip permissions
            **self.env,
        }
