"""How many examples a law tries: few by default, the full number where LINEITEM_EXAMPLES gives it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_GIVEN = int(os.environ.get("LINEITEM_EXAMPLES", "0"))


def examples(few: int, of_full: float = 1.0) -> settings:
    """Settings for a law: `few` examples, or that part of LINEITEM_EXAMPLES."""
    count = max(few, int(_GIVEN * of_full)) if _GIVEN else few
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )
