"""A command hook: `<python> -I -S <this file> <live folder> [--note]`, with the event on standard input.

The event is reduced to what may be kept (`allow.py`), put on disk (`spool.py`), and only then told to the collector.
Always: exit code 0 and not a byte on standard output or standard error, for an exit code stops a tool and what is
printed may reach the model. So the first thing is to close both, and no failure has anywhere to go: what could not
be kept is counted beside the spool. With `--note`, and only in a session that is taken up again, what that costs is
printed for the person (`resumed.py`).
"""

from __future__ import annotations

import os
import sys

#: An event of more bytes is read to its end and kept as far as it goes.
MOST = 8 << 20
#: Seconds for the event to arrive.
PATIENCE = 2.0


def silence() -> None:
    """Nothing of ours, nor of the interpreter, is heard from here on; Ctrl-C is meant for others."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # `signal` itself costs as much as the interpreter
    from _signal import SIG_IGN, SIGINT, signal  # type: ignore[import-not-found]

    signal(SIGINT, SIG_IGN)


def forward(folder: str, out: int | None = None) -> None:
    """Take the event on standard input, keep it, tell the collector. out: where a note may be written."""
    from time import time_ns

    from lineitem_hook import allow, spool
    from lineitem_hook.collector import post
    from lineitem_hook.given import given

    body = given(MOST, PATIENCE)
    key = minted()
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    record = allow.hook_record(text, key, time_ns() // 1_000_000)
    if not record:
        spool.drop(folder, spool.UNREADABLE)
        return
    spool.append(folder, record)
    if out is not None:
        from lineitem_hook import resumed

        if resumed.is_return(text):
            told = resumed.note(text, post(folder, "/v1/hook?note=1", record, key, resumed.BUDGET))
            while told:
                told = told[os.write(out, told) :]
            return
    post(folder, "/v1/hook", record, key)


def minted() -> str:
    """A new random UUID."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def main() -> None:
    try:
        out = os.dup(1) if sys.argv[2:] == ["--note"] else None
        silence()
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        if os.path.isabs(sys.argv[1]):  # any other path leads into the project at hand, which may be anybody's
            forward(sys.argv[1], out)
    finally:  # whatever went wrong: this ends here, before it could be told
        os._exit(0)


if __name__ == "__main__":
    main()
