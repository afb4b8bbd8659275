"""The tests, as a package of their own, so that no installed `tests` can stand in for it."""
