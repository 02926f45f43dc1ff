"""The volume: runs, artifacts, releases; the only file input and output of the lab."""
