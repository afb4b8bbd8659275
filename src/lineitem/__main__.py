"""`python -m lineitem`."""

from __future__ import annotations

import sys

from lineitem.surfaces.cli import main

sys.exit(main())
