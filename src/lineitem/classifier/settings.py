"""The `[classifier]` table of settings.toml as a typed value, checked.

In: the settings as TOML gives them. Out: `ClassifierSettings`. Always: off unless `enabled = true` is written down;
what is not understood is a `UsageError` that names the setting and what may stand there.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts.secret import Secret
from lineitem.classifier.key import KeyringSecret
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.pricing.decimals import parse_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The least dear model of the price book that answers in a given form (checked 2026-11-22).
MODEL = "claude-haiku-5-5"
ADDRESS = "https://api.anthropic.com"
_KNOWN = ("enabled", "model", "key", "base_url", "snippet", "budget")
_NANOS = 1_000_000_000
#: Nobody means more than this a month: a slip of the point.
_MOST = 10_000 * _NANOS
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ClassifierSettings(NamedTuple):
    """Whether a model is asked, which one, where, and for how much."""

    key: Secret | KeyringSecret
    zone: Zone  #: whose months the budget counts
    enabled: bool = False
    model: str = MODEL
    base_url: str = ADDRESS
    snippet: bool = False  #: whether a redacted piece of the tool call is sent, too
    budget: int = _NANOS  #: nanodollars a calendar month

    @property
    def host(self) -> str:
        """Where it is sent to."""
        from urllib.parse import urlsplit

        return urlsplit(self.base_url).hostname or ""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> ClassifierSettings:
        """Checked, from the whole settings file."""
        given = settings.get("classifier", {})
        if not isinstance(given, dict):
            raise UsageError("classifier must be a table: [classifier].")
        for name in given:
            if name not in _KNOWN:
                raise UsageError(f"classifier has an unknown setting '{name}'. Known: {', '.join(_KNOWN)}.")
        return cls(
            _key(given.get("key", {"env": "ANTHROPIC_API_KEY"})),
            Zone(str(settings.get("timezone", ""))),
            _flag("enabled", given.get("enabled", False)),
            _model(given.get("model", MODEL)),
            _address(given.get("base_url", ADDRESS)),
            _flag("snippet", given.get("snippet", False)),
            _budget(given.get("budget", 1)),
        )


def _key(given: object) -> Secret | KeyringSecret:
    if isinstance(given, dict) and set(given) == {"keyring"}:
        return KeyringSecret("classifier.key", given["keyring"])
    try:
        return Secret("classifier.key", given)
    except UsageError:
        raise UsageError(
            'classifier.key must be { env = "NAME" }, { file = "path" }, { keyring = "name" } or a text.'
        ) from None


def _flag(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise UsageError(f"classifier.{name} is true or false, not {given!r}.")
    return given


def _model(given: object) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= 100 or not all("!" <= sign <= "~" for sign in given):
        raise UsageError(f"classifier.model must be the id of a model, such as {MODEL}, not {given!r}.")
    return given


def _address(given: object) -> str:
    """An address to which a key may be sent: encrypted, or on this machine. Errors do not repeat it."""
    from urllib.parse import urlsplit

    wrong = UsageError("classifier.base_url must be an address such as https://gateway.example.org.")
    if not isinstance(given, str) or not all("!" <= sign <= "~" for sign in given):
        raise wrong
    try:
        url = urlsplit(given)
        _ = url.port
    except ValueError:
        raise wrong from None
    if not url.hostname or url.scheme not in ("https", "http"):
        raise wrong
    if url.scheme == "http" and url.hostname not in _LOCAL:
        raise UsageError("classifier.base_url must begin with https://, unless it is on this machine.")
    if url.username is not None or url.password is not None or url.query or url.fragment:
        raise UsageError("classifier.base_url must hold no user name, query or fragment; the key stands in `key`.")
    return given


def _budget(given: object) -> int:
    """Dollars a month, as nanodollars."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise UsageError(f'classifier.budget is dollars a month, 2 or "1.50", not {given!r}.')
    try:
        numerator, denominator = parse_decimal(str(given))
    except ValueError:
        raise UsageError(f'classifier.budget is dollars a month, 2 or "1.50", not {given!r}.') from None
    nanos = numerator * _NANOS // denominator
    if nanos > _MOST:
        raise UsageError(f"classifier.budget is at most {_MOST // _NANOS:,} dollars a month.")
    return nanos
