"""RIFT: rupture identification from transcripts."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("rift")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
