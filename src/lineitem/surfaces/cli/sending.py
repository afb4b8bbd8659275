"""`lineitem export otlp --to URL`: metrics are sent, once for each state of the ledger."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from urllib.parse import SplitResult

    from lineitem.wiring import Lineitem


def send(lineitem: Lineitem, document: bytes, options: dict[str, Any]) -> int:
    """The exit code: 1 where the receiver did not keep all of it."""
    from lineitem.exports import push, sent
    from lineitem.setup.live_folder import found, place_of

    url = push.place(options["to"])
    live = place_of(lineitem.path)
    _check_other(url, live)
    known = found(live)
    headers = push.headers(os.environ, known.ingest if known else "")
    if not options.get("force") and sent.unchanged(lineitem.ledger, url.geturl(), document):
        sys.stderr.write("Nothing has changed since it was sent: not sent again (--force does).\n")
        return 0
    taken = push.push(url, document, headers, lambda text: _say(clean(text)))
    sent.remember(lineitem.ledger, url.geturl(), document)
    host = clean(url.hostname or "")
    if taken.rejected:
        sys.stderr.write(
            f"{host} did not keep {taken.rejected:,} points: {clean(taken.message) or 'it says not why'}\n"
        )
        return 1
    sys.stderr.write(f"Sent to {host}.{f' It says: {clean(taken.message)}' if taken.message else ''}\n")
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _check_other(url: SplitResult, live: str) -> None:
    """Refuse our own collector: what lineitem found out would come back as something that was told."""
    from lineitem.server.serve import running

    about = running(live)
    port = url.port or (443 if url.scheme == "https" else 80)
    if about and about.get("port") == port and url.hostname in ("localhost", "127.0.0.1", "::1"):
        raise UsageError(f"--to: at port {port} listens lineitem's own collector. Metrics go to another program.")
