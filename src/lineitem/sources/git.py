"""What git says of commits, in a folder a person named: asked with fixed words, without a shell, a hook, a pager or
the network; nothing is written but notes, and those only by `write_notes`.

Whoever asks git anything does it with `ask`: one set of limits in time and bytes, and one list of what a repository's
configuration may not start.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from subprocess import Popen

#: Seconds one question may take, and bytes its answer may have.
_PATIENCE, _BYTES = 30.0, 64 << 20
#: Commits looked through for where a rebased one went; characters of a subject.
_MOST, _LONGEST = 20_000, 200
#: Before every question. A configuration may name programs: none is run.
_WORDS = ("--no-pager", "--no-optional-locks", "--no-replace-objects")
_OFF = (
    f"core.hooksPath={os.devnull}", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false",
    "commit.gpgSign=false", "log.showSignature=false", "protocol.allow=never", "core.sshCommand=false",
    "core.askPass=", "credential.helper=",
)  # fmt: skip
#: Of the environment's own words to git, those that say who writes a note; no other is passed on.
_WHO = frozenset(("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"))
_FIELDS = "%H%x00%at%x00%ae%x00%s"


class Known(NamedTuple):
    """A commit in a repository."""

    full: str
    authored: int  #: seconds since 1970; 0: not known
    subject: str
    reachable: bool  #: from a branch, a tag, a remote's branch or HEAD
    now: str | None  #: where it went when it was rebased: the one reachable commit of the same author and author date


class GitFailed(UsageError):
    """Git could not do what was asked; the text is its own."""


def is_repository(folder: str) -> bool:
    """Whether git finds a repository there."""
    try:
        return bool(ask(folder, ("rev-parse", "--git-dir")))
    except GitFailed:
        return False


def without_filters(folder: str) -> list[str] | None:
    """Words before a question that looks into files, so that no filter is run; None: one has a name beyond words."""
    import re

    try:
        listed = ask(folder, ("config", "--name-only", "-z", "--get-regexp", r"^filter\..*\.(clean|process|required)$"))
    except GitFailed:  # none is named
        return []
    words: list[str] = []
    for key in filter(None, dict.fromkeys(listed.split("\0"))):
        name, _, what = key.removeprefix("filter.").rpartition(".")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", name):
            return None
        words += ["-c", f"filter.{name}.{what}={'false' if what == 'required' else ''}"]
    return words


def look(folder: str, hashes: Iterable[str]) -> dict[str, Known]:
    """Hash as it was seen -> what git knows of it; those it does not know are left out. Raises GitFailed."""
    if not os.path.isdir(folder):
        raise GitFailed(f"There is no folder {folder}.")
    ask(folder, ("rev-parse", "--git-dir"))
    full = _existing(folder, hashes)
    if not full:
        return {}
    names = sorted(set(full.values()))
    lines = "".join(f"{name}\n" for name in names)
    told = ask(folder, ("log", "--no-walk=unsorted", "--no-show-signature", "--no-mailmap", "--no-color", "-z",
                         f"--format={_FIELDS}", "--stdin"), lines)  # fmt: skip
    commits = {each[0]: each for each in _records(told)}
    lost = _unreachable(folder, lines, names)
    moved = _moved(folder, [commits[name] for name in lost if name in commits]) if lost else {}
    return {
        seen: Known(name, commits[name][1], commits[name][3], name not in lost, moved.get(name))
        for seen, name in full.items()
        if name in commits
    }


def _existing(folder: str, hashes: Iterable[str]) -> dict[str, str]:
    """Hash as it was seen -> the whole one, of the commits that are there and meant by no other."""
    asked = sorted({each for each in hashes if 7 <= len(each) <= 40 and set(each) <= set("0123456789abcdef")})
    told = ask(folder, ("cat-file", "--batch-check=%(objectname) %(objecttype)"),
                "".join(f"{each}\n" for each in asked)) if asked else ""  # fmt: skip
    found = {}
    for seen, line in zip(asked, told.splitlines(), strict=False):
        name, _, kind = line.partition(" ")
        if kind == "commit" and name.startswith(seen):
            found[seen] = name
    return found


def _records(told: str) -> list[tuple[str, int, str, str]]:
    """(hash, seconds, author's address, subject) of what `-z --format` printed."""
    fields = told.split("\0")
    return [
        (fields[at], _seconds(fields[at + 1]), fields[at + 2], fields[at + 3][:_LONGEST])
        for at in range(0, len(fields) - 3, 4)
    ]


def _seconds(text: str) -> int:
    """A date as git prints it; 0 for one that no clock ever showed."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _unreachable(folder: str, lines: str, names: Sequence[str]) -> set[str]:
    """Those of these commits that no branch, tag or remote leads to."""
    told = ask(folder, ("rev-list", "--stdin", "--not", "--exclude=refs/notes/*",
                         "--exclude=refs/stash", "--all"), lines)  # fmt: skip
    return set(told.split()) & set(names)


def _moved(folder: str, lost: Sequence[tuple[str, int, str, str]]) -> dict[str, str]:
    """Rebased commits keep author and author date: the reachable commit that alone has both."""
    told = ask(folder, ("log", "--exclude=refs/notes/*", "--exclude=refs/stash", "--all", "--no-show-signature",
                         "--no-mailmap", "--no-color", "-z", f"--max-count={_MOST}",
                         f"--format={_FIELDS}"))  # fmt: skip
    there: dict[tuple[int, str], list[str]] = {}
    for name, authored, author, _ in _records(told):
        there.setdefault((authored, author), []).append(name)
    found = {}
    for name, authored, author, _ in lost:
        same = there.get((authored, author), [])
        if authored and len(same) == 1:
            found[name] = same[0]
    return found


def write_notes(folder: str, notes: Mapping[str, str]) -> None:
    """Write these texts as notes of these commits (whole hashes), over what lineitem wrote before. Raises GitFailed."""
    for name, text in sorted(notes.items()):
        ask(folder, ("notes", "--ref=lineitem", "add", "-f", "-F", "-", name), text)


def ask(folder: str, words: Sequence[str], said: str = "") -> str:
    """What git prints when it is asked this in a folder; `said`: what it reads. Raises GitFailed."""
    import shutil
    import subprocess
    from tempfile import TemporaryFile

    program = shutil.which("git")
    if program is None:
        raise GitFailed("There is no git here.")
    off = [word for setting in _OFF for word in ("-c", setting)]
    with TemporaryFile() as given, TemporaryFile() as trouble:
        given.write(said.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - fixed words, no shell; the folder is the person's own word
                [program, *_WORDS, *off, "-C", folder, *words], stdin=given, stdout=subprocess.PIPE, stderr=trouble,
                env=_environment(), start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise GitFailed(f"git cannot be run: {error}.") from error
        told = _told(process)
        if process.returncode:
            trouble.seek(0)
            lines = trouble.read(4_096).decode("utf-8", "replace").strip().splitlines()
            raise GitFailed(f"git in {folder}: {lines[0] if lines else f'ended with {process.returncode}'}")
    return told.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """Ours, without words to git that nobody said for this question."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _WHO}
    return told | {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
                   "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # fmt: skip


def _told(process: Popen[bytes]) -> bytes:
    """What a process prints until it ends. Raises GitFailed where that is too much, or takes too long."""
    from threading import Event, Timer

    late = Event()

    def give_up() -> None:
        late.set()
        _end(process)

    timer = Timer(_PATIENCE, give_up)
    timer.daemon = True
    timer.start()
    assert process.stdout is not None
    told = b""
    try:
        with process.stdout:
            told = process.stdout.read(_BYTES + 1)
        if len(told) <= _BYTES:
            process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            _end(process)
            process.wait()
    if late.is_set():
        raise GitFailed(f"git took longer than {_PATIENCE:g} seconds.")
    if len(told) > _BYTES:
        raise GitFailed(f"git said more than {_BYTES >> 20} MB.")
    return told


def _end(process: Popen[bytes]) -> None:
    """It and what it started, or an answer is waited for that somebody else could still write."""
    try:
        if os.name == "posix":
            import signal

            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        pass  # it has ended
