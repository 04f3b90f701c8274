"""DVC stage: the coders beside one another."""

import sys

from rift.cli import main

main(["agreement", *sys.argv[1:]])
