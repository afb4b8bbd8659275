"""Telemetry and the delta engine."""
