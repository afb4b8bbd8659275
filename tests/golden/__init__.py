"""Lines as versions of the client write them (told in our own words), and the sightings they must become."""

from __future__ import annotations
