"""The store: whole or not at all, ours or not touched, and nothing in it that was said."""

from __future__ import annotations
