"""The ways to a person: one file each, their libraries imported when something is sent."""
