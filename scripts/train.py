"""DVC stage: folds, thresholds and the final model."""

import sys

from rift.cli import main

main(["train", *sys.argv[1:]])
