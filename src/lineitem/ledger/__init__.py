"""Where we keep it: the only SQL in the house.

Facts (what was read, never changed) and derived tables (made from facts, the price book and this code; they
can be thrown away and made again) live in one SQLite file. Nothing here knows a transcript or a price.
"""
