"""What went wrong: bad input as data, bad use as exceptions.

    LineitemError            the base: a sentence that names the way out
    +-- UsageError           wrong options or settings              exit 2
    +-- StoreError           the store cannot be used               exit 1
        +-- StoreTooNew      made by a newer lineitem; left untouched
    +-- ArchiveError         an archive cannot be used              exit 1
        +-- ArchiveTooNew    written by a newer lineitem; left untouched

Bad input is a row (slug, place, note): it is counted and listed by `lineitem doctor`, it never stops anything. Each
slug is a heading in docs/troubleshooting/problems.md.
"""

from __future__ import annotations


class LineitemError(Exception):
    """Something a person can mend; the text says how."""

    exit_code = 1


class UsageError(LineitemError):
    """A command line or a setting that cannot be meant."""

    exit_code = 2


class StoreError(LineitemError):
    """The store cannot be opened, read or written."""


class StoreTooNew(StoreError):
    """The store was made by a newer lineitem; it was not touched."""


class ArchiveError(LineitemError):
    """An archive cannot be reached, read or written."""


class ArchiveTooNew(ArchiveError):
    """The archive was written by a newer lineitem; nothing was touched."""
