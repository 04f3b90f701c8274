"""DVC stage: transcripts and codings to tables."""

import sys

from rift.cli import main

main(["prepare", *sys.argv[1:]])
