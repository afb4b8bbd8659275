"""git's `post-commit`: `git log ... | <python> -I -S <this file> <work tree and git folder, one a line>`.

Makes the marked block of AI_CONTEXT.md anew from what `git log` printed (`LOG`). Always: exit code 0 where it wrote,
else 1, and not a byte of output; not a byte outside the block changes; a file without exactly one block, one that is
no plain file, and a repository amid a rebase or a merge are left alone. The file is there whole or as it was.
"""

from __future__ import annotations

import os
import sys

FILE = "AI_CONTEXT.md"
BEGIN, END = b"<!-- lineitem: state, made anew after each commit -->", b"<!-- lineitem: end of state -->"
#: What git is asked for, after its own options: commits that touch more than the file itself.
LOG = (
    "log", "-n", "8", "--no-show-signature", "--no-mailmap", "--no-color", "--no-ext-diff", "--no-textconv",
    "--no-renames", "--no-merges", "--name-only", "--ignore-submodules=all", "--date=short",
    "--format=%x01%H%x02%cd%x02%s", "--", ":/", f":(top,exclude){FILE}",
)  # fmt: skip
#: Larger files are none of ours; subjects, names and lists are cut.
_LARGEST, _LONGEST, _NAMED = 2_000_000, 100, 6
#: There while git is in the middle of something that makes commits of its own.
_BUSY = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer")


def commits(told: str) -> list[tuple[str, str, str, list[str]]]:
    """(hash, date, subject, files) of what git printed; the latest first."""
    found: list[tuple[str, str, str, list[str]]] = []
    for line in told.split("\n"):
        if line.startswith("\x01"):
            name, _, rest = line[1:].partition("\x02")
            on, _, subject = rest.partition("\x02")
            found.append((name, on, subject, []))
        elif line and found and not line.startswith('"'):
            found[-1][3].append(line)
    return found


def block(told: str, newline: str = "\n") -> bytes:
    """The block that these commits make, with its marks."""
    found = commits(told)
    lines = ["No commit yet."]
    if found:
        name, on, _, _ = found[0]
        lines = [f"As of commit {name[:12]} ({on}).", "", "Last commits:", ""]
        lines += [f"- {each[0][:9]} {plain(each[2])}" for each in found]
        counts: dict[str, int] = {}
        for each in found:
            for file in each[3]:
                counts[file] = counts.get(file, 0) + 1
        often = sorted(counts, key=lambda file: -counts[file])[:_NAMED]
        if often:
            lines += ["", f"Touched most by them: {', '.join(map(plain, often))}"]
    text = newline.join(lines).encode("utf-8", "replace")
    end = newline.encode()
    return BEGIN + end + text + end + END


def plain(text: str) -> str:
    """Foreign text in one line that begins and ends no comment."""
    kept = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:400]).split())
    kept = kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + "…"
    return kept.replace("<!--", "<! --").replace("-->", "-- >")


def span(content: bytes) -> tuple[int, int] | None:
    """Where the block begins and ends; None where there is not exactly one."""
    start, stop = content.find(BEGIN), content.find(END)
    if start < 0 or stop < start or content.count(BEGIN) != 1 or content.count(END) != 1:
        return None
    return start, stop + len(END)


def renewed(content: bytes, told: str) -> bytes | None:
    """The file with its block made anew; None where there is not exactly one."""
    place = span(content)
    if place is None:
        return None
    start, stop = place
    newline = "\r\n" if content[start + len(BEGIN) : start + len(BEGIN) + 2] == b"\r\n" else "\n"
    return content[:start] + block(told, newline) + content[stop:]


def synced(content: bytes) -> str:
    """The commit a block was made from, as much of its hash as it says; '' where it says none."""
    place = span(content)
    said = content[place[0] : place[1]].partition(b"As of commit ")[2].partition(b" ")[0] if place else b""
    return said.decode() if 7 <= len(said) <= 64 and not said.strip(b"0123456789abcdef") else ""


def busy(inner: str) -> bool:
    """Whether git is amid a rebase, a merge or their like; inner: its folder."""
    return any(os.path.exists(os.path.join(inner, name)) for name in _BUSY)


def write(path: str, content: bytes) -> None:
    """Write a file anew, with the mode it has: it is there whole, or as it was."""
    mode = os.stat(path).st_mode & 0o7777
    beside = f"{path}.{os.getpid()}.tmp"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def read(path: str) -> bytes | None:
    """The file; None where it is no plain file, or too large to be one of ours."""
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
        return None
    with open(path, "rb") as file:
        return file.read()


def sync(top: str, inner: str, told: str) -> bool:
    """Make the block of a work tree's file anew; whether it changed."""
    path = os.path.join(top, FILE)
    before = None if busy(inner) or not told else read(path)
    after = None if before is None else renewed(before, told)
    if after is None or after == before:
        return False
    write(path, after)
    return True


def main() -> None:
    done = False
    try:
        raw = sys.stdin.buffer.read(_LARGEST)
        top, inner = sys.argv[1].rstrip("\n").rsplit("\n", 1)
        done = sync(top, os.path.join(top, inner), raw.decode("utf-8", "replace"))
    finally:  # whatever went wrong: this ends here, before it could be told
        os._exit(0 if done else 1)


if __name__ == "__main__":
    main()
