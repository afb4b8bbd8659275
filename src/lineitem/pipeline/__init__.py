"""READ THIS FIRST: ingest -> reconcile -> attribute -> price -> keep.

`intake` reads what is new below the config folders; `merging` makes requests of the answers, `keeping` writes facts and
cursors, `deriving` everything that follows, in one transaction. `folding` turns the sightings of sessions that changed
into line items; `live` does both for sessions that no transcript shows. `rebuilding` makes all of it again from the
facts. The rooms that do not know each other (sources, attribution, pricing, ledger) meet here and only here.
"""
