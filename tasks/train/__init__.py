"""Stages train and select: candidates are cross-validated, the best is refitted."""
