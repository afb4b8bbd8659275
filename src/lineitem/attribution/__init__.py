"""Who caused it: pure functions from sightings and prices to requests, runs and line items.

No clock, no disk, no database. The same sightings in any order, cut and repetition give the same result.
"""
