"""Tiny sessions and what they must cost: one for every case in which the simple picture breaks."""

from __future__ import annotations
