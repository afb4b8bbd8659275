"""The statusline: `<python> -I -S <this file> <live folder> [--theme T] [--format F]`, the client's JSON on stdin.

The line comes from the collector, which keeps the figures it is given. Where none answers, it is drawn from the store
and from what the client itself says, and the figures go to the spool. Always: exit code 0, nothing on standard error,
and a line, if only of what stands on standard input.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes and seconds of standard input.
MOST = 1 << 20
PATIENCE = 0.5
#: Columns where the client does not say how many there are.
_COLUMNS = 0


class Wanted:
    """What the command line and the environment ask for."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str]) -> None:
        #: Absolute, or a place where nothing is: any other path leads into the project at hand, which may be anybody's.
        self.folder = arguments[0] if arguments and os.path.isabs(arguments[0]) else os.devnull
        options = dict(zip(arguments[1::2], arguments[2::2], strict=False))
        self.theme = options.get("--theme", "plain")
        self.form = options.get("--format", "")
        columns = environment.get("COLUMNS", "")
        self.columns = int(columns) if columns.isdecimal() and len(columns) < 6 else _COLUMNS
        self.colours = not environment.get("NO_COLOR")


def asked(wanted: Wanted, body: bytes) -> str | None:
    """The collector's line; None where it does not answer."""
    from lineitem_hook.collector import post
    from lineitem_hook.line import only_colours
    from lineitem_hook.members import members
    from lineitem_hook.url import escaped

    query = f"theme={escaped(wanted.theme)}&format={escaped(wanted.form)}&columns={wanted.columns}"
    answer = post(wanted.folder, f"/v1/statusline?{query}", body)
    if answer is None:
        return None
    line = members(answer.decode("utf-8", "replace")).get("line", (None,))[0]
    return only_colours(line, colours=wanted.colours) if isinstance(line, str) and line else None


def drawn(wanted: Wanted, text: str, *, with_store: bool) -> str:
    """The line of what the client says, and of what the store holds."""
    from time import time_ns

    from lineitem_hook.line import draw
    from lineitem_hook.told import told

    now = time_ns() // 1_000_000
    figures = told(text, now)
    if with_store and wanted.folder.endswith(".live"):
        from lineitem_hook.store import stored

        kept = stored(wanted.folder[: -len(".live")], figures["id"], now)
        said, known = figures["session"], kept.get("session") or 0
        if kept.get("today") is not None and said is not None and said > known:
            kept["today"] += said - known  # what nobody has read yet of this session is of now
        figures = {**kept, **{name: value for name, value in figures.items() if value is not None}}
    return draw(figures, wanted.theme, wanted.form, wanted.columns, colours=wanted.colours)


def keep(wanted: Wanted, text: str) -> None:
    """Put the figures on disk, for the collector to find."""
    from time import time_ns

    from lineitem_hook import allow, spool
    from lineitem_hook.forward import minted

    record = allow.status_record(text, minted(), time_ns() // 1_000_000)
    if record:
        spool.append(wanted.folder, record)


def show(before: bytes, line: str) -> None:
    """Print what the wrapped statusline said, then ours."""
    ours = line.encode("utf-8", "replace")
    out = (b"\n".join(part for part in (before, ours) if part)) + b"\n"
    while out:
        out = out[os.write(1, out) :]


def run(wanted: Wanted) -> None:
    from lineitem_hook import wrapped
    from lineitem_hook.given import given

    body, text, before, line = b"", "", b"", None
    try:
        body = given(MOST, PATIENCE)
        text = body.decode("utf-8", "replace").lstrip("\ufeff")
        first = wrapped.command(wanted.folder)
        process = wrapped.start(first) if first else None
        line = asked(wanted, body)
        answered = line is not None
        if line is None:
            line = drawn(wanted, text, with_store=True)
        if process is not None:
            before = wrapped.printed(process, body)
    finally:
        show(before, line if line is not None else drawn(wanted, text, with_store=False))
    if not answered:
        keep(wanted, text)


def main() -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        run(Wanted(sys.argv[1:], dict(os.environ)))
    finally:  # whatever went wrong: this ends here, before it could be told
        os._exit(0)


if __name__ == "__main__":
    main()
