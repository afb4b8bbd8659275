"""What would leave the machine: every channel that is set, where it sends to, and what it sends.

In: settings. Out: rows for a person. Always: a host is named only where it is one; an address, which may be a secret,
is never shown.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.alerts.settings import AlertSettings, ChannelSettings

#: Where what does not leave it goes.
HERE = "this machine"
#: Schemes of apprise whose first part is a secret or a name, and the host they stand for.
_HOSTS = {
    "slack": "hooks.slack.com",
    "discord": "discord.com",
    "tgram": "api.telegram.org",
    "pover": "api.pushover.net",
    "pbul": "api.pushbullet.com",
    "sendgrid": "api.sendgrid.com",
}
#: Schemes whose first part is the host itself.
_NAMED = (
    "https",
    "http",
    "mailto",
    "mailtos",
    "json",
    "jsons",
    "xml",
    "xmls",
    "form",
    "forms",
    "workflow",
    "workflows",
)


class Egress(NamedTuple):
    """One channel."""

    channel: str
    host: str  #: `this machine` for the desktop
    sends: str


def egress(settings: AlertSettings) -> list[Egress]:
    """Every channel, in the order of the settings; empty: nothing leaves."""
    here = settings.in_session
    found = [Egress(channel.name, _host(channel), _sends(channel, settings)) for channel in settings.channels]
    if here is not None:
        place = "the session, and with it the model" if here.model else HERE
        found.append(Egress(here.name, place, "kinds and numbers of warnings, the client's own tools by name"))
    return found


def _host(channel: ChannelSettings) -> str:
    if channel.kind == "desktop":
        return HERE
    if channel.url is None:
        return "unknown: no url"
    from urllib.parse import urlsplit

    try:
        url = urlsplit(channel.url.read())
        host = url.hostname or ""
    except UsageError:
        return f"unknown: its url, from {channel.url.how}, cannot be read"
    except ValueError:
        return "unknown: its url is no address"
    if url.scheme in _HOSTS:
        return _HOSTS[url.scheme]
    if (
        url.scheme in _NAMED
        and host
        and all(letter.isascii() and (letter.isalnum() or letter in ".-:") for letter in host)
    ):
        return host
    return f"the service of {channel.kind}"


def _sends(channel: ChannelSettings, settings: AlertSettings) -> str:
    told = ", ".join(channel.kinds) or "every kind"
    names = "pseudonyms for projects and sessions" if channel.hides_names else "projects, short session ids"
    digest = f"; {' and '.join(settings.digests)} digest" if settings.digests and channel.digests else ""
    return f"{told} from {channel.severity} on: figures, names of models and tools, {names}{digest}"
