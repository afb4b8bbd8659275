"""Where an archive is: a folder, or anything fsspec reaches. Names are relative, with `/` between their parts.

Errors are `ArchiveError`s that show no password, key or signature. A file that is not there is None, never an error.
"""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from lineitem.core.problems import ArchiveError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Place(Protocol):
        """A place for files."""

        shown: str  #: the address as it may be shown

        def sizes(self, below: str) -> dict[str, int]:
            """Bytes of every file below a folder, by name."""

        def read(self, name: str, most: int) -> bytes | None:
            """A file's bytes; None where there is none, or where it has more than `most`."""

        def write(self, name: str, data: bytes) -> None:
            """Put a file there, whole."""

        def remove(self, name: str) -> None:
            """Take a file away; one that is not there is fine."""


#: What speaks a protocol, where fsspec alone does not.
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs",
    "adl": "adlfs", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "http": "aiohttp", "https": "aiohttp",
    "webhdfs": "requests", "hdfs": "pyarrow",
}  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
#: Of `user:password@`, and of a container before its account: `abfs://container@account...`. A password may hold an
#: `@`, a `?` or a `#`: all up to the last `@` before the first slash is the person's.
_PERSON = re.compile(r"(?<=://)[^/\s]*@")
_CONTAINER = ("abfs", "abfss")


def open_place(url: str) -> Place:
    """The place with this address: a path, `file://...`, or an address that fsspec knows."""
    if not url or "\0" in url:
        raise UsageError("An archive needs an address: a folder, or s3://bucket/folder and the like.")
    found = _SCHEME.match(url)
    if "::" in url:
        raise UsageError("An archive's address is plain: no `::` in it.")
    if found is None or found[1].lower() in ("file", "local"):
        path = url if found is None else unquote(url[found.end() :])
        return Folder(os.path.abspath(os.path.expanduser(path)))
    try:
        import fsspec  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError(f"{found[1]}:// needs fsspec: `pip install 'lineitem[archive]'`.") from None
    protocol = found[1].lower()
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except ImportError:
        package = _PACKAGES.get(protocol, "another package, see fsspec's documentation")
        raise UsageError(f"{protocol}:// needs {package}: `pip install {package.split(',')[0]}`.") from None
    except ValueError as error:
        if protocol not in fsspec.available_protocols():
            raise UsageError(f"fsspec knows no {protocol}://. A folder is a path, or file:///path.") from None
        raise ArchiveError(_said(url, error)) from None
    except Exception as error:  # noqa: BLE001 - the same
        raise ArchiveError(_said(url, error)) from None
    return Remote(url, filesystem, str(root))


def shown(url: str) -> str:
    """An address without what may be secret in it: a password, a key, a signature."""
    found = _SCHEME.match(url)
    if found is None:
        return url
    person = _PERSON.search(url)
    if person is not None and not (found[1].lower() in _CONTAINER and ":" not in person[0]):
        url = _PERSON.sub("***@", url)
    return re.split(r"[?#]", url, maxsplit=1)[0]


def _said(url: str, error: Exception) -> str:
    """What went wrong there, without anything of the address that may be secret."""
    text = " ".join(str(error).split())
    secrets = [part for part in re.split(r"[?#&]", _PERSON.sub("", url))[1:] for part in (part, part.partition("=")[2])]
    person = _PERSON.search(url)
    if person is not None:
        secrets += [person[0][:-1], *person[0][:-1].split(":")]
    for secret in sorted({each for each in (*secrets, *map(unquote, secrets)) if len(each) > 2}, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _PERSON.sub("***@", re.sub(r"\?[^\s'\"]+", "?***", text))
    return f"{shown(url)} cannot be used: {type(error).__name__}: {text[:300]}".rstrip(": ") + "."


class Folder:
    """A folder of this machine. A file is written beside its place and moved there."""

    def __init__(self, path: str) -> None:
        self.shown = self._path = path

    def sizes(self, below: str) -> dict[str, int]:
        found = {}
        for folder, _, names in os.walk(os.path.join(self._path, below), onerror=self._failed):
            for name in names:
                path = os.path.join(folder, name)
                if not name.startswith(".new-") and os.path.isfile(path):
                    found[os.path.relpath(path, self._path).replace(os.sep, "/")] = os.path.getsize(path)
        return found

    def _failed(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise ArchiveError(f"{self._path} cannot be read: {error.strerror}.") from error

    def read(self, name: str, most: int) -> bytes | None:
        path = os.path.join(self._path, name)
        try:
            if not os.path.isfile(path) or os.path.getsize(path) > most:
                return None
            with open(path, "rb") as file:
                return file.read(most)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error

    def write(self, name: str, data: bytes) -> None:
        path = os.path.join(self._path, name)
        folder, last = os.path.split(path)
        new = os.path.join(folder, f".new-{os.getpid()}-{last}")
        try:
            os.makedirs(self._path, mode=0o700, exist_ok=True)  # the mode is that of the last folder alone
            os.makedirs(folder, mode=0o700, exist_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(fd)
            os.replace(new, path)
            _sync_folder(folder)
        except OSError as error:
            try:
                os.unlink(new)
            except OSError:
                pass  # it was not made, or is moved already
            raise ArchiveError(f"{path} cannot be written: {error.strerror}. Push again to go on.") from error

    def remove(self, name: str) -> None:
        path = os.path.join(self._path, name)
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise ArchiveError(f"{path} cannot be removed: {error.strerror}.") from error


def _sync_folder(folder: str) -> None:
    """What was moved into a folder is there after a power cut, too; Windows has no such call."""
    if os.name == "posix":
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


class Remote:
    """Any filesystem that fsspec has. What it raises may be anything."""

    def __init__(self, url: str, filesystem: Any, root: str) -> None:
        self.shown = shown(url)
        self._url, self._fs = url, filesystem
        self._root = root.rstrip("/")

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def sizes(self, below: str) -> dict[str, int]:
        try:
            self._fs.invalidate_cache()
            found = self._fs.find(self._path(below), detail=True)
            rows = found.values() if isinstance(found, dict) else ()
            sizes = {str(row["name"]): int(row.get("size") or 0) for row in rows if row.get("type") == "file"}
        except FileNotFoundError:
            return {}
        except Exception as error:  # noqa: BLE001 - what a filesystem raises may be anything
            raise ArchiveError(_said(self._url, error)) from None
        return {name: size for path, size in sizes.items() if (name := self._name(path))}

    def _name(self, path: str) -> str:
        """The name of a path; filesystems differ in whether a path begins with `/`."""
        root = self._root.strip("/")
        path = path.strip("/")
        return path[len(root) :].lstrip("/") if path.startswith(root) else ""

    def read(self, name: str, most: int) -> bytes | None:
        try:
            data = self._fs.cat_file(self._path(name), start=0, end=most + 1)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - what a filesystem raises may be anything
            raise ArchiveError(_said(self._url, error)) from None
        return bytes(data) if len(data) <= most else None

    def write(self, name: str, data: bytes) -> None:
        path = self._path(name)
        try:
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._fs.pipe_file(path, data)
        except Exception as error:  # noqa: BLE001 - what a filesystem raises may be anything
            raise ArchiveError(f"{_said(self._url, error)} Push again to go on.") from None

    def remove(self, name: str) -> None:
        try:
            self._fs.rm_file(self._path(name))
        except FileNotFoundError:
            return
        except Exception as error:  # noqa: BLE001 - what a filesystem raises may be anything
            raise ArchiveError(_said(self._url, error)) from None
