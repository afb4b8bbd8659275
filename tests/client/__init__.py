"""Tests that run the real Claude Code client against a small scripted API of our own; see README.md."""
