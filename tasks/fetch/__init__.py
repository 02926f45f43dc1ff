"""Fetch: find or download a catalog file, check it, set bad rows apart, keep the rest."""
