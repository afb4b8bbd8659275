"""Standard Webhooks signatures (standardwebhooks.com, specification 1.0): pure.

The signed text is `id.timestamp.body`; the key is what follows `whsec_`, in base64. Every key gives one signature,
so that receivers can change over from an old key to a new one.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  #: bytes of a key, by the specification


def signing_key(secret: str, label: str) -> bytes:
    """The key of a secret; an error names the setting, never the secret."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise UsageError(f"{label} must be whsec_ followed by 24 to 64 bytes in base64.")
    return key


def signed_headers(ident: str, seconds: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The three headers by which a receiver knows who sent this, and when."""
    import hmac

    signed = f"{ident}.{seconds}.".encode() + body
    signatures = [b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
