"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rift.errors import RiftError

if TYPE_CHECKING:
    from rift.codebook import Speaker
    from rift.config import Config

Configs = Annotated[
    list[Path] | None,
    typer.Option("--config", "-c", help="Overlay over configs/base.yaml; may be given several times."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="SECTION.KEY=VALUE", help="One value over all configs."),
]

Speakers = Annotated[
    list[str] | None,
    typer.Option("--speakers", metavar="NAME=ROLE", help="Whose a name is: patient, therapist, other."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="OURS=HEADER", help="Header of a table's column, as text=Utterance."),
]
Encoding = Annotated[str | None, typer.Option(help="Character encoding of the files.")]
Format = Annotated[str | None, typer.Option(help="Format of the files, if not told by their content.")]


def load(configs: list[Path] | None, settings: list[str] | None) -> Config:
    """Return the configuration that the two options name."""
    from rift.config import load_config

    return load_config(configs or [], settings or [])


def pairs(values: list[str] | None, option: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` options as a dictionary.

    Raises
    ------
    RiftError
        One of them has no ``=``, or no name or value beside it.
    """
    found = {}
    for text in values or []:
        name, _, value = text.rpartition("=")
        if not (name and value):
            raise RiftError(
                f"{text!r} is not NAME=VALUE", where=option, remedy=f"write it as {option} NAME=VALUE"
            )
        found[name] = value
    return found


def roles(values: list[str] | None) -> dict[str, Speaker]:
    """Return ``NAME=ROLE`` options as a dictionary.

    Raises
    ------
    RiftError
        A role is none of patient, therapist and other.
    """
    from typing import get_args

    from rift.codebook import Speaker

    known: dict[str, Speaker] = {role: role for role in get_args(Speaker)}
    found = {}
    for name, role in pairs(values, "--speakers").items():
        if role not in known:
            raise RiftError(f"{role!r} is no role", where="--speakers", remedy=f"one of {', '.join(known)}")
        found[name] = known[role]
    return found
