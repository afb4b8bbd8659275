"""The `[alerts]` table of settings.toml as a typed value, checked.

In: the settings as TOML gives them. Out: `AlertSettings`. Always: what is not understood is a `UsageError` that
names the setting and what may stand there; nothing is sent anywhere unless a channel is written down.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts.kinds import KINDS, PRESETS, preset_thresholds
from lineitem.alerts.notice import SEVERITIES, WARNING
from lineitem.alerts.quiet import QuietHours, parse_clock
from lineitem.alerts.secret import Secret
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a channel may be, and the settings only it knows.
CHANNEL_KINDS = {
    "desktop": ("sounds", "warning_sound", "critical_sound"),
    "webhook": ("url", "secret", "previous_secret", "local"),
    "slack": ("url",),
    "discord": ("url",),
    "teams": ("url",),
    "email": ("url",),
    "apprise": ("url",),
    "session": ("model",),
}
_COMMON = ("kind", "severity", "kinds", "names", "digests")
#: What every channel but a session's knows: in a session no name is said, and no digest.
_ELSEWHERE = ("names", "digests")
_KNOWN = (
    "preset", "cooldown", "gather", "spacing", "quiet", "quiet_except_critical", "patience", "digests", "digest_at",
    "digest_on", "thresholds", "channels",
)  # fmt: skip
_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ChannelSettings(NamedTuple):
    """One way to a person."""

    name: str
    kind: str
    severity: str = WARNING  #: the least urgent it tells
    kinds: tuple[str, ...] = ()  #: what it tells; (): everything
    hides_names: bool = False
    digests: bool = True
    url: Secret | None = None
    secret: Secret | None = None
    previous_secret: Secret | None = None  #: signs beside the new one while receivers change over
    local: bool = False  #: the address may be private, and plain HTTP
    sounds: bool = True
    warning_sound: str = ""  #: '': the platform's own
    critical_sound: str = ""
    model: bool = False  #: the model reads it too


class AlertSettings(NamedTuple):
    """When to speak up, and where. Durations are milliseconds."""

    channels: tuple[ChannelSettings, ...] = ()
    thresholds: Mapping[str, tuple[int, int]] = preset_thresholds("standard")
    cooldown: int = 600_000
    gather: int = 10_000
    spacing: int = 60_000
    quiet: QuietHours | None = None
    quiet_except_critical: bool = True
    patience: int = 86_400_000
    digests: tuple[str, ...] = ()  #: `daily`, `weekly`
    digest_at: int = 480  #: minutes after midnight
    digest_on: int = 0  #: day of the week, Monday is 0
    in_session: ChannelSettings | None = None  #: what is said in the sessions themselves; not one of `channels`

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> AlertSettings:
        """Checked, from the whole settings file."""
        given = _table("alerts", settings.get("alerts", {}))
        _refuse_unknown("alerts", given, _KNOWN)
        zone = Zone(str(settings.get("timezone", "")))
        quiet = _text("alerts.quiet", given.get("quiet", ""))
        channels = [_channel(name, each) for name, each in _table("alerts.channels", given.get("channels", {})).items()]
        here = [channel for channel in channels if channel.kind == "session"]
        if len(here) > 1:
            raise UsageError(f"alerts.channels: {here[1].name} is a second channel of kind session; there is one.")
        return cls(
            tuple(channel for channel in channels if channel.kind != "session"),
            _thresholds(given),
            _duration("alerts.cooldown", given.get("cooldown", "10m")),
            _duration("alerts.gather", given.get("gather", "10s")),
            _duration("alerts.spacing", given.get("spacing", "1m")),
            QuietHours(quiet, zone) if quiet else None,
            _flag("alerts.quiet_except_critical", given.get("quiet_except_critical", True)),
            _duration("alerts.patience", given.get("patience", "24h")),
            _words("alerts.digests", given.get("digests", []), ("daily", "weekly")),
            parse_clock(_text("alerts.digest_at", given.get("digest_at", "08:00"))),
            _DAYS.index(_word("alerts.digest_on", given.get("digest_on", "monday"), _DAYS)),
            here[0] if here else None,
        )


def _channel(name: str, given: object) -> ChannelSettings:
    label = f"alerts.channels.{name}"
    if (
        not name
        or len(name) > 40
        or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in name)
    ):
        raise UsageError(f"{label}: a channel's name is made of at most 40 letters, digits, - and _.")
    table = _table(label, given)
    kind = _word(f"{label}.kind", table.get("kind"), tuple(CHANNEL_KINDS))
    common = [field for field in _COMMON if kind != "session" or field not in _ELSEWHERE]
    _refuse_unknown(label, table, (*common, *CHANNEL_KINDS[kind]))
    secrets = {
        field: Secret(f"{label}.{field}", table[field])
        for field in ("url", "secret", "previous_secret")
        if field in table
    }
    if "url" in CHANNEL_KINDS[kind] and "url" not in secrets:
        raise UsageError(f'{label} needs a url, best as url = {{ env = "NAME" }} or {{ file = "path" }}.')
    if kind == "webhook" and "secret" not in secrets:
        raise UsageError(f"{label} needs a secret to sign with: whsec_ and 24 to 64 bytes in base64.")
    return ChannelSettings(
        name,
        kind,
        _word(f"{label}.severity", table.get("severity", WARNING), SEVERITIES),
        _words(f"{label}.kinds", table.get("kinds", []), tuple(KINDS)),
        _word(f"{label}.names", table.get("names", "shown"), ("shown", "hidden")) == "hidden",
        _flag(f"{label}.digests", table.get("digests", kind != "desktop")),
        secrets.get("url"),
        secrets.get("secret"),
        secrets.get("previous_secret"),
        _flag(f"{label}.local", table.get("local", False)),
        _flag(f"{label}.sounds", table.get("sounds", True)),
        _text(f"{label}.warning_sound", table.get("warning_sound", "")),
        _text(f"{label}.critical_sound", table.get("critical_sound", "")),
        _flag(f"{label}.model", table.get("model", False)),
    )


def _thresholds(given: Mapping[str, object]) -> dict[str, tuple[int, int]]:
    """The preset's thresholds, with a person's own in their place."""
    found = preset_thresholds(_word("alerts.preset", given.get("preset", "standard"), tuple(PRESETS)))
    for kind, pair in _table("alerts.thresholds", given.get("thresholds", {})).items():
        label = f"alerts.thresholds.{kind}"
        _word("alerts.thresholds", kind, tuple(found))
        if not isinstance(pair, list) or len(pair) != 2:
            raise UsageError(f"{label} must be two numbers: from where a warning, from where critical.")
        warning, critical = (_amount(label, each, KINDS[kind].unit) for each in pair)
        if warning > critical:
            raise UsageError(f"{label}: the first number, for a warning, must not be above the second.")
        found[kind] = warning, critical
    return found


def _amount(label: str, given: object, unit: str) -> int:
    """Dollars in nanodollars, or percent in hundredths, of the decimal a person wrote."""
    from decimal import Decimal, InvalidOperation

    text = "" if isinstance(given, bool) else str(given)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or not 0 <= number <= 1_000_000:
        raise UsageError(f"{label}: {given!r} is no {'amount in dollars' if unit == 'money' else 'number of percent'}.")
    return int(number * (1_000_000_000 if unit == "money" else 100))


def _duration(label: str, given: object) -> int:
    """Milliseconds of 90s, 10m, 24h or 2d."""
    text = str(given)
    amount, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not amount.isascii() or not amount.isdigit() or len(amount) > 5:
        raise UsageError(f"{label}: {given!r} is no duration. Write 90s, 10m, 24h or 2d.")
    return int(amount) * _UNITS[unit]


def _table(label: str, given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise UsageError(f"{label} must be a table, as in [{label}].")
    return {str(name): value for name, value in given.items()}


def _word(label: str, given: object, allowed: tuple[str, ...]) -> str:
    if not isinstance(given, str) or given not in allowed:
        raise UsageError(f"{label} must be one of {', '.join(allowed)}; it is {given!r}.")
    return given


def _words(label: str, given: object, allowed: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise UsageError(f"{label} must be a list of {', '.join(allowed)}.")
    return tuple(_word(label, each, allowed) for each in given)


def _flag(label: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise UsageError(f"{label} must be true or false.")
    return given


def _text(label: str, given: object) -> str:
    if not isinstance(given, str) or len(given) > 200 or not given.isprintable():
        raise UsageError(f"{label} must be a short text.")
    return given


def _refuse_unknown(label: str, given: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    for name in given:
        if name not in allowed:
            raise UsageError(f"{label} has no setting `{name}`; there are {', '.join(allowed)}.")
