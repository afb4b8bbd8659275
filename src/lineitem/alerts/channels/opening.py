"""From settings to channels."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.alerts.delivery import Channel
    from lineitem.alerts.settings import AlertSettings, ChannelSettings


def open_channels(settings: AlertSettings) -> dict[str, Channel]:
    """Every channel that is set, by its name; nothing is connected yet."""
    return {channel.name: open_channel(channel) for channel in settings.channels}


def open_channel(settings: ChannelSettings) -> Channel:
    if settings.kind == "desktop":
        from lineitem.alerts.channels.desktop import Desktop

        return Desktop(settings)
    if settings.kind == "webhook":
        from lineitem.alerts.channels.webhook import Webhook

        return Webhook(settings)
    from lineitem.alerts.channels.services import Service

    return Service(settings)
