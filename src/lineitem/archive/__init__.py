"""How facts are kept elsewhere, and come back: a folder or object storage, as Parquet or JSON Lines.

A push writes parts, which are named for what they hold and never changed, and at last a manifest that names them. A
pull trusts only what a whole manifest names, checks every part before it takes it in, and takes it in whole or not at
all. Both may be stopped anywhere and begun again. The layout is in docs/archive.md.
"""
