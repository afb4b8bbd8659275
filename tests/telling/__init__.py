"""Tiny sessions for tests: told in code or in a docstring, written as transcripts, read into a store."""

from __future__ import annotations
