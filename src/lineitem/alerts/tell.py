"""From findings to kept messages: `note` in the finding's transaction, `gather` whenever there is time."""

from __future__ import annotations

from lineitem.alerts.messages import encode, message_of
from lineitem.alerts.outbox import Row
from lineitem.alerts.rules import choose, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.alerts.messages import Message, Pseudonym
    from lineitem.alerts.notice import Notice
    from lineitem.alerts.outbox import Outbox
    from lineitem.alerts.settings import AlertSettings


#: Characters of a key or a subject.
_LONGEST_KEY = 200


def note(outbox: Outbox, notices: Iterable[Notice], settings: AlertSettings, now: int) -> int:
    """Keep findings for every channel that wants them; how many were new. What is old is no news: a first reading
    of years, or a new channel, tells nothing of the past.
    """
    new = 0
    for notice in notices:
        if now - notice.at > settings.patience:
            continue
        for channel in settings.channels:
            told = wanted(notice, channel, settings)
            if told is not None:
                new += outbox.note(channel.name, now, _storable(told))
    return new


def _storable(notice: Notice) -> Notice:
    """With a key and a subject that any store takes: an odd or long one is replaced by its hash."""
    return notice._replace(key=_short(notice.key), subject=_short(notice.subject))


def _short(text: str) -> str:
    if len(text) <= _LONGEST_KEY and text.isprintable():  # so without lone surrogates and NUL
        return text
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def gather(outbox: Outbox, settings: AlertSettings, now: int, pseudonym: Pseudonym) -> int:
    """Turn what waits into messages, at most one a channel; how many were made."""
    made = 0
    for channel in settings.channels:
        waiting = outbox.pending(channel.name)
        if not waiting:
            continue
        told = outbox.told(channel.name, now - settings.cooldown)
        choice = choose(waiting, told, outbox.last(channel.name), now, settings)
        outbox.drop(channel.name, choice.dropped)
        if choice.tell:
            message = message_of(choice.tell, channel.name, pseudonym if channel.hides_names else None)
            made += _put(outbox, channel.name, message, now, [notice.key for notice in choice.tell])
    return made


def post(outbox: Outbox, settings: AlertSettings, message: Message, now: int) -> int:
    """Keep a finished message, such as a digest, for every channel that wants it; once for each id."""
    made = 0
    for channel in settings.channels:
        if message.what != "digest" or channel.digests:
            own = message._replace(id=f"{message.id}-{channel.name}")
            made += _put(outbox, channel.name, own, now, ())
    return made


def _put(outbox: Outbox, channel: str, message: Message, now: int, keys: Iterable[str]) -> bool:
    return outbox.put(Row(message.id, channel, encode(message), now, 0), list(keys))
