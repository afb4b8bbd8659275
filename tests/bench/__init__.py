"""Tests of what we measure with."""
