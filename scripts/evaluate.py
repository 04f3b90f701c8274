"""DVC stage: the model beside the coders, marker by marker."""

import sys

from rift.cli import main

main(["evaluate", *sys.argv[1:]])
