"""Codings to turns: coverage, checks, folds, windows."""
