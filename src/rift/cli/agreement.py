"""``rift agreement``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rift.cli import terminal
from rift.cli.options import Configs, Encoding, Settings, load
from rift.errors import RiftError

if TYPE_CHECKING:
    from rift.config import Config
    from rift.readers.rating_layout import RatingLayout, Scale


def command(
    config: Configs = None,
    settings: Settings = None,
    codings: Annotated[
        Path | None,
        typer.Option(help="CSV, TSV or XLSX of one coder's judgement per unit: this table, and no corpus."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Columns that name what is coded, as turn,segment.")
    ] = None,
    coder: Annotated[str | None, typer.Option(metavar="COLUMN", help="Who coded a row.")] = None,
    values: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Columns of judgements; by default all that may be.")
    ] = None,
    coders: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="One column per coder, all of one value.")
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="SCALE", help="nominal, ordinal, interval or ratio; by default told by the values."
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Intervals are over these: the patient, else the session."),
    ] = None,
    encoding: Encoding = None,
) -> None:
    """Compare the coders with one another, before any model is trained.

    Of the prepared corpus; with --codings of any table of codings, whatever was coded.
    """
    configuration = load(config, settings)
    named = {"--unit": unit, "--coder": coder, "--values": values, "--coders": coders, "--scale": scale,
             "--cluster": cluster, "--encoding": encoding}  # fmt: skip
    if codings is not None:
        _table(configuration, codings, _layout(named))
        return
    if alone := [option for option, value in named.items() if value is not None]:
        raise RiftError(
            f"{alone[0]} speaks of a table of codings, and none is given",
            remedy="name it with --codings FILE",
        )
    from rift.reports.terminal import agreement_report
    from rift.stages.agreement import agreement

    table, files = agreement(configuration)
    terminal.show(agreement_report(table))
    terminal.wrote(files)


def _table(configuration: Config, codings: Path, layout: RatingLayout) -> None:
    from rift.reports.ratings import rating_report
    from rift.stages.ratings import ratings

    table, files = ratings(configuration, codings, layout)
    terminal.say(table.told)
    terminal.show(rating_report(table))
    terminal.wrote(files)


def _layout(named: dict[str, str | None]) -> RatingLayout:
    from rift.readers.rating_layout import RatingLayout

    return RatingLayout(
        unit=_names(named, "--unit"),
        coder=named["--coder"],
        values=_names(named, "--values"),
        coders=_names(named, "--coders"),
        scale=_scale(named["--scale"]),
        cluster=named["--cluster"],
        encoding=named["--encoding"],
    )


def _names(named: dict[str, str | None], option: str) -> tuple[str, ...]:
    """Return the comma-separated names that an option gives."""
    text = named[option]
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise RiftError(f"{text!r} lacks a name", where=option, remedy=f'write it as {option} "A,B"')
    return names


def _scale(text: str | None) -> Scale | None:
    from typing import get_args

    from rift.readers.rating_layout import Scale

    known: dict[str, Scale] = {scale: scale for scale in get_args(Scale)}
    if text is not None and text not in known:
        raise RiftError(f"{text!r} is no scale", where="--scale", remedy=f"one of {', '.join(known)}")
    return None if text is None else known[text]
