"""Coefficients of agreement and precision with intervals over patients; numpy and scipy only."""
