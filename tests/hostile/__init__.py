"""Input that means harm or was harmed: nothing crashes, what is intact is counted, what is lost is said."""

from __future__ import annotations
