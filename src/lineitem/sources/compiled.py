"""The part of the package that is in C (`native/`), where it was built for this Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What `native/module.c` must say of itself: another build made other rows of the same bytes.
REVISION = 5

#: The module; None where there is none, or one of another time.
module: Any = None
try:
    from lineitem.sources import _native  # type: ignore[attr-defined,unused-ignore]
except ImportError:
    pass
else:
    module = _native if _native.REVISION == REVISION else None
