"""Mutated inputs over all readers: none may end in anything but a transcript or RIFT's own error.

    python scripts/fuzz_readers.py --seeds FOLDER --runs 20000

Seeds are the files of a folder (and below). Every mutation is read as its content says, and by the
reader of its seed. Printed as JSON: inputs per format, errors by kind, the slowest read, peak memory.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import Counter
from pathlib import Path

from rift.errors import RiftError
from rift.readers.contract import Reader, Source
from rift.readers.registry import BUILT_IN

NASTY = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"-->", b"<v ", b"]]>", b"&#x0;", b"<!ENTITY", b"\r",
    b"\n\n\n", b"\"",
    b"{", b"[", b"}", b"null", b"NaN", b"1e999", b"-1", b"99999999999999999999", b"PK\x03\x04", b"T: ",
    b"00:00:99",
    "\u202e\u0301\U0001f468".encode(), b"\t", b";", b",",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    files = sorted(path for path in options.seeds.rglob("*") if path.is_file())
    seeds = [(path, path.read_bytes(), _reader(path, path.read_bytes())) for path in files]
    seeds = [seed for seed in seeds if seed[2] is not None]
    read, refused, faults = Counter(), Counter(), []
    slowest = (0.0, "")
    for number in range(options.runs):
        path, data, reader = seeds[number % len(seeds)]
        mutated = _mutated(data, chance)
        began = time.perf_counter()
        try:
            _read(Source(path, mutated), reader)
            read[reader.names[0]] += 1
        except RiftError:
            refused[reader.names[0]] += 1
        except Exception as error:  # what this script is for
            faults.append(f"{path.name}, input {number}: {type(error).__name__}: {error}"[:200])
        slowest = max(slowest, (time.perf_counter() - began, f"{path.name}, input {number}"))
    print(json.dumps({
        "inputs": options.runs, "seeds": len(seeds), "read": dict(read), "refused": dict(refused),
        "faults": faults[:50], "number of faults": len(faults), "slowest, s": slowest,
        "peak memory, MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }, indent=1))  # fmt: skip


def _reader(path: Path, data: bytes) -> Reader | None:
    source = Source(path, data)
    best = max(BUILT_IN, key=lambda one: one.sniff(source))
    return best if best.sniff(source) > 0 else None


def _read(source: Source, reader: Reader) -> None:
    for one in BUILT_IN:
        if not 0 <= one.sniff(source) <= 1:
            raise ValueError(f"{one.names[0]} sniffs beyond 0-1")
    reader.read(source)


def _mutated(data: bytes, chance: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(content) + 1)
        stop = min(len(content), at + chance.choice((1, 2, 8, 64, 512)))
        kind = chance.randrange(6)
        if kind == 0 and content:
            content[min(at, len(content) - 1)] = chance.randrange(256)
        elif kind == 1:
            del content[at:stop]
        elif kind == 2:
            content[at:at] = chance.choice(NASTY)
        elif kind == 3:
            content[at:at] = content[at:stop]
        elif kind == 4:
            other = chance.randrange(len(content) + 1)
            content[at:stop] = content[other : other + stop - at]
        elif chance.random() < 0.2:
            del content[at:]
    return bytes(content)


if __name__ == "__main__":
    main()
