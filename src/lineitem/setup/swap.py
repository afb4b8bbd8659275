"""Two files change places in one step, where the system can do that.

A rename throws away whatever stands at its goal, also what another program put there a moment ago. An exchange
gives it back: it can be looked at, and put back. Linux and macOS have one; elsewhere `exchanged` says no.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

#: The flags that mean "exchange" (linux/fs.h, sys/stdio.h) and "relative to the working folder" (fcntl.h).
_LINUX_EXCHANGE = 2
_MACOS_SWAP = 2
_AT_FDCWD = -100
#: What a system or a file system says that cannot do it.
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def exchanged(one: str, other: str) -> bool:
    """Exchange the two files; False where that cannot be done here. OSError where one of them is not there."""
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform.startswith("linux") and hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _LINUX_EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(first, second, _MACOS_SWAP)
    else:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), one)
