"""What was sent to a receiver last, so that nothing is sent twice: a digest of its points for each address."""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger


def unchanged(ledger: Ledger, address: str, document: bytes) -> bool:
    """Whether these very points were sent there last, at whatever time."""
    return ledger.state(_key(address)) == _points(document)


def remember(ledger: Ledger, address: str, document: bytes) -> None:
    """These were taken."""
    with ledger.transaction():
        ledger.set_state(_key(address), _points(document))


def _key(address: str) -> str:
    return f"otlp/{sha256(address.encode()).hexdigest()[:16]}"


def _points(document: bytes) -> str:
    """A digest of a document without the time it was made at."""
    from json import dumps, loads

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(inner) for key, inner in value.items() if key != "timeUnixNano"}
        return [timeless(inner) for inner in value] if isinstance(value, list) else value

    return sha256(dumps(timeless(loads(document)), sort_keys=True).encode()).hexdigest()
