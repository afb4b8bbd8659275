"""A settings.json (or another file of settings) on disk, changed so that nobody loses anything.

`SettingsFile.change` takes a function from bytes to bytes and carries it out under a lock: read, let the caller keep
what it needs for the way back, write a neighbour file of the same mode and owner, flush it, look whether the file is
still what was read, exchange the two, look at what came out, flush the folder, read back. Whoever reads meanwhile
sees the old bytes or the new ones, never a part; killed at any step, one of the two is there.

Writers that take no lock are noticed: before the exchange by comparing, and in the moment between comparing and
exchanging by what comes out of the exchange, which is then put back. Where the system has no exchange (Windows, some
network file systems), that moment stays.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from typing import TYPE_CHECKING

from lineitem.setup.document import LARGEST, decoded
from lineitem.setup.files import locked, sync_folder
from lineitem.setup.refusals import SettingsBusy, SettingsRefused
from lineitem.setup.swap import exchanged

if TYPE_CHECKING:
    from collections.abc import Callable

#: How often a change is tried while another program keeps writing.
ATTEMPTS = 5
#: A program that cuts the file and writes it again shows an empty or half file for a moment.
_SETTLE = 0.05


class SettingsFile:
    """One settings.json, by its real path: a link is followed, so that the linked file is changed, not the link.

    `step` is called with the name of every step just done, `sleep` to wait: tests stop there.
    """

    def __init__(
        self, path: str, step: Callable[[str], None] = lambda _: None, sleep: Callable[[float], None] = time.sleep,
        decode: Callable[[bytes | None, str], object] = decoded,
    ) -> None:  # fmt: skip
        """decode: raises SettingsRefused for bytes, of a file at that path, that are no whole document."""
        self.path = os.path.realpath(os.path.expanduser(path))
        self._step, self._sleep, self._decode = step, sleep, decode

    def read(self) -> bytes | None:
        """The bytes; None where there is no file; SettingsRefused where it cannot be read as one."""
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise SettingsRefused(f"{self.path} was left as it is: it is no file.")
            with open(handle, "rb", closefd=False) as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            os.close(handle)

    def settled(self) -> bytes | None:
        """`read`, looked at once more where it is no document: another program may be writing it."""
        for _ in range(ATTEMPTS):
            content = self.read()
            try:
                self._decode(content, self.path)
            except SettingsRefused:
                self._sleep(_SETTLE)
                continue
            return content
        return self.read()

    def change(
        self,
        edit: Callable[[bytes | None], bytes | None],
        keep: Callable[[], None],
    ) -> None:
        """Make the file what `edit` says of its bytes (None: no file); `keep` is called before it changes."""
        folder = os.path.dirname(self.path)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            with locked(f"{self.path}.lineitem.lock", self._sleep):
                self._step("locked")
                self._sweep(folder)
                for _ in range(ATTEMPTS):
                    before = self.settled()
                    self._step("read")
                    after = edit(before)
                    if after == before:
                        return
                    keep()
                    self._step("kept")
                    if self._put(before, after, folder):
                        return
        except OSError as error:
            raise self._unusable(error) from error
        raise SettingsBusy(f"{self.path} keeps being changed by another program. Close it and try again.")

    def _put(self, before: bytes | None, after: bytes | None, folder: str) -> bool:
        """Replace the file if it still holds `before`; False: another program was faster."""
        temporary = self._neighbour(after or b"", folder)
        try:
            if self.read() != before:
                return False
            self._step("compared")
            placed = self._place(temporary, before, after)
        except FileNotFoundError:  # removed in this moment
            return False
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        self._step("placed")
        sync_folder(folder)
        self._step("folder flushed")
        return placed and self.read() == after

    def _place(self, temporary: str, before: bytes | None, after: bytes | None) -> bool:
        if before is None:
            return self._create(temporary)
        return self._exchange(temporary, before, after) if after is not None else self._take_away(temporary, before)

    def _neighbour(self, content: bytes, folder: str) -> str:
        """A flushed file beside ours with that content, of the same mode and owner."""
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=self._prefix)  # mode 0600
        self._step("made")
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            self._step("written")
            with contextlib.suppress(FileNotFoundError):
                self._dress(temporary)
            os.fsync(file.fileno())
        self._step("flushed")
        return temporary

    def _dress(self, temporary: str) -> None:
        now = os.stat(self.path)
        if os.name == "posix":
            made = os.stat(temporary)
            if (made.st_uid, made.st_gid) != (now.st_uid, now.st_gid):
                os.chown(temporary, now.st_uid, now.st_gid)
        os.chmod(temporary, stat.S_IMODE(now.st_mode))

    def _create(self, temporary: str) -> bool:
        """Put the new file where there was none; False where there is one by now."""
        try:
            if os.name == "posix":
                os.link(temporary, self.path)  # os.rename would replace one that has just come
            else:
                os.rename(temporary, self.path)
        except FileExistsError:
            return False
        return True

    def _exchange(self, temporary: str, before: bytes, after: bytes) -> bool:
        """Put the new file in the old one's place; False, and all as it was, where that was not `before` any more."""
        if not exchanged(temporary, self.path):
            os.replace(temporary, self.path)
            return True
        self._step("exchanged")
        out = _content(temporary)
        if out == before:
            return True
        expected = after
        while True:  # another program's file came out: it goes back, and ours comes out unless yet another one came
            exchanged(temporary, self.path)
            back, out = out, _content(temporary)
            if out == expected:
                return False
            expected = back

    def _take_away(self, temporary: str, before: bytes) -> bool:
        """Remove the file; False, and it is back, where it was not `before` any more."""
        os.replace(self.path, temporary)
        self._step("taken away")
        if _content(temporary) == before:
            return True
        self._create(temporary)
        return False

    def _sweep(self, folder: str) -> None:
        """Remove what a killed change has left behind."""
        for name in os.listdir(folder):
            if name.startswith(self._prefix):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(folder, name))

    @property
    def _prefix(self) -> str:
        return f".{os.path.basename(self.path)}.lineitem-"

    def _unusable(self, error: OSError) -> SettingsRefused:
        place = f" ({error.filename})" if error.filename not in {None, self.path} else ""
        return SettingsRefused(f"{self.path} cannot be changed: {error.strerror or error}{place}.")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
