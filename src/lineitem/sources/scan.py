"""Finds the transcripts below the config folders: names and sizes, nothing is opened.

In: config folders. Out: one `Found` per transcript, in a stable order. Links are not followed (but a config
folder may itself be one), only regular files are taken, folders are visited once and to a bounded depth.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: `projects/<project>/<session>/subagents/workflows/<run>/agent-*.jsonl`, and agents of agents below.
DEEPEST = 16


class Found:
    """A transcript on disk: which session and thread it belongs to is told by its path alone."""

    __slots__ = ("dev", "ino", "key", "mtime_ns", "path", "project", "session", "sidecar_ns", "size", "thread")

    def __init__(
        self, path: str, project: str, session: str, thread: str, info: os.stat_result, sidecar_ns: int = 0
    ) -> None:
        self.path = path
        self.key = storable(path)  #: the path as the store knows it
        self.project, self.session, self.thread = storable(project), storable(session), storable(thread)
        self.sidecar_ns = sidecar_ns  #: modification time of its sidecar, 0: none
        self.dev, self.ino = info.st_dev, info.st_ino
        self.size, self.mtime_ns = info.st_size, info.st_mtime_ns

    def look_again(self) -> None:
        """Take size and times as they are now: another program may have been faster."""
        try:
            info = os.lstat(self.path)
        except OSError:
            return
        self.dev, self.ino = info.st_dev, info.st_ino
        self.size, self.mtime_ns = info.st_size, info.st_mtime_ns


def storable(name: str) -> str:
    """A file name as text that any store takes: bytes that are no UTF-8 become escapes."""
    if name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def transcripts(folders: Iterable[str], problems: list[tuple[str, str, str]]) -> list[Found]:
    """Every transcript below these config folders, sorted by path; oddities go to `problems`."""
    found: dict[tuple[int, int], Found] = {}
    seen: set[tuple[int, int]] = set()
    for folder in folders:
        root = os.path.realpath(folder)
        projects = os.path.join(root, "projects")
        if not os.path.isdir(projects):
            if os.path.basename(root) != "projects":
                continue
            projects = root
        _walk(projects, "", "", 0, found, seen, problems)
    return sorted(found.values(), key=_by_path)


def _by_path(found: Found) -> str:
    return found.path


def _walk(
    folder: str,
    project: str,
    session: str,
    depth: int,
    found: dict[tuple[int, int], Found],
    seen: set[tuple[int, int]],
    problems: list[tuple[str, str, str]],
) -> None:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError as error:
        problems.append(("folder-unreadable", folder, error.strerror or type(error).__name__))
        return
    cards = {entry.name[:-10]: entry for entry in listed if entry.name.endswith(".meta.json")}
    for entry in listed:
        name = entry.name
        if ".jsonl" in name:
            _file(entry, project, session, found, problems, cards)
            continue
        if "." in name and name.rpartition(".")[2] in ("json", "txt", "js", "md", "png", "jpg"):
            continue
        try:
            if not entry.is_dir(follow_symlinks=False):
                if entry.is_symlink() and depth == 0:
                    problems.append(("link-not-followed", entry.path, ""))
                continue
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            problems.append(("folder-unreadable", entry.path, error.strerror or ""))
            continue
        key = (info.st_dev, info.st_ino)
        if key in seen:
            continue
        seen.add(key)
        if depth >= DEEPEST:
            problems.append(("folder-too-deep", entry.path, ""))
            continue
        if depth and name in ("tool-results", "memory", "scripts"):
            continue
        _walk(
            entry.path,
            project or name,
            session or (name if depth == 1 else ""),
            depth + 1,
            found,
            seen,
            problems,
        )


def _file(
    entry: os.DirEntry[str],
    project: str,
    session: str,
    found: dict[tuple[int, int], Found],
    problems: list[tuple[str, str, str]],
    cards: dict[str, os.DirEntry[str]],
) -> None:
    name = entry.name
    stem, _, rest = name.partition(".jsonl")
    if name == "journal.jsonl" or (rest and not rest.startswith(".superseded")):
        return
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError as error:
        problems.append(("file-unreadable", entry.path, error.strerror or ""))
        return
    if not stat.S_ISREG(info.st_mode):
        problems.append(("file-not-regular", entry.path, ""))
        return
    thread = stem[6:] if stem.startswith("agent-") else ""
    owner = session if thread else (session or stem.partition(".orphaned-")[0])
    if session and not thread:
        thread = stem
    key = (info.st_dev, info.st_ino)
    was = found.get(key)
    if was is None or entry.path < was.path:
        found[key] = Found(entry.path, project, owner, thread, info, _changed(cards.get(stem)) if thread else 0)


def _changed(card: os.DirEntry[str] | None) -> int:
    """Modification time of a sidecar, 0 where there is none."""
    if card is None:
        return 0
    try:
        return card.stat(follow_symlinks=False).st_mtime_ns
    except OSError:
        return 0


def config_folders(given: Iterable[str] = (), environ: dict[str, str] | None = None) -> list[str]:
    """Where Claude Code keeps its files: given ones, else CLAUDE_CONFIG_DIR (a comma list), else both defaults."""
    env = os.environ if environ is None else environ
    wanted = [folder for folder in given if folder]
    if not wanted:
        wanted = [folder.strip() for folder in env.get("CLAUDE_CONFIG_DIR", "").split(",") if folder.strip()]
    if not wanted:
        home = env.get("HOME") or os.path.expanduser("~")
        wanted = [
            os.path.join(env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "claude"),
            os.path.join(home, ".claude"),
        ]
    unique: dict[str, None] = {}
    for folder in wanted:
        unique[os.path.abspath(os.path.expanduser(folder))] = None
    return list(unique)


def project_of(folder: str) -> str:
    """The name Claude Code gives the folder of a project's transcripts."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in folder)
