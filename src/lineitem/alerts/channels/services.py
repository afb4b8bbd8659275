"""Slack, Discord, Teams, e-mail and every other service that the library apprise knows.

The address says which service; what is sent is CommonMark with its signs escaped, HTML for mail, plain text for Slack
and all others. No redirects, no files, nothing kept by the library on disk. Its own words about a
failure are not passed on: they may hold the address.
"""

from __future__ import annotations

from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.sinks import commonmark, harmless, html, plain
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.alerts.messages import Message
    from lineitem.alerts.settings import ChannelSettings

#: What an address must begin with, so that a wrong one is noticed before something is sent there.
ADDRESSES = {
    "slack": ("slack://", "https://hooks.slack.com/"),
    "discord": ("discord://", "https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"),
    "teams": ("workflow://", "workflows://", "https://"),
    "email": ("mailto://", "mailtos://"),
    "apprise": ("",),
}
#: Seconds for one service, its own retries included.
_WHOLE = 30
_TYPES = {"info": "info", "warning": "warning", "critical": "failure"}


class Service:
    """One address of one service."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.settings = settings

    def send(self, message: Message, now: int) -> Outcome:  # noqa: ARG002 - every channel is given the time
        """One attempt through apprise."""
        import warnings

        try:
            with warnings.catch_warnings():  # its many services import what Python deprecates
                warnings.simplefilter("ignore")
                sender, service = self._opened()
                text, form = written(message, self.settings.kind, _forms(service))
                sent = sender.notify(
                    body=text,
                    title=harmless(message.title),
                    body_format=form,
                    notify_type=_TYPES.get(message.severity, "info"),
                    interpret_escapes=False,
                )
        except UsageError as error:
            return Outcome(LATER, str(error))
        except ImportError:
            return Outcome(LATER, "the library apprise is missing: pip install 'lineitem[alerts]'")
        return Outcome(SENT) if sent else Outcome(LATER, "the service did not take it")

    def _opened(self) -> tuple[Any, Any]:
        """Apprise with this one service."""
        address = checked_address(self.settings)
        from apprise import Apprise, AppriseAsset
        from apprise.common import PersistentStoreMode

        asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, service_timeout=_WHOLE)
        asset.image_url_mask = asset.image_url_logo = ""  # no pictures from another host
        asset.http_redirects = False
        asset.app_id = asset.app_desc = "lineitem"
        service = Apprise.instantiate(address, asset=asset)
        sender = Apprise(asset=asset)
        if service is None or not sender.add(service):
            raise UsageError(f"alerts.channels.{self.settings.name}.url is no address that apprise knows.")
        return sender, service


def checked_address(settings: ChannelSettings) -> str:
    """The address of a service, if it fits the kind of channel; an error never shows it."""
    if settings.url is None:  # the settings refuse a service without one
        raise UsageError(f"alerts.channels.{settings.name} has no url.")
    address = settings.url.read()
    starts = ADDRESSES[settings.kind]
    if not address.startswith(starts):
        raise UsageError(f"{settings.url.label} of a {settings.kind} channel must begin with {' or '.join(starts)}.")
    return address


def written(message: Message, kind: str, forms: frozenset[str]) -> tuple[str, str]:
    """(text, its format): the richest the service takes, where nothing can be mistaken for markup."""
    if kind == "email" and "html" in forms:
        return html(message), "html"
    if "markdown" in forms and kind in ("discord", "teams"):  # Slack knows no way to escape its markup
        return commonmark(message), "markdown"
    return plain(message), "text"


def _forms(service: Any) -> frozenset[str]:
    given = service.notify_format
    several = given if isinstance(given, (tuple, list, set, frozenset)) else (given,)
    return frozenset(str(getattr(each, "value", each)) for each in several)
