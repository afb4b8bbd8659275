"""How we hear of it: bytes in, sightings out. Decoding is pure; `tail`, `scan` and `crew` do the reading."""
