"""DVC stage: new transcripts to probabilities and episodes."""

import sys

from rift.cli import main

main(["score", *sys.argv[1:]])
