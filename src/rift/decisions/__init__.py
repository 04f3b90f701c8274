"""From probabilities to decisions: calibration, thresholds, flags and episodes."""
