"""YAML files, read with messages that name the line; a key that stands twice is a fault, not a choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rift.errors import RiftError

_REMEDY = "correct the line; a value that holds ': ' or begins with one of [ { * & ! % @ needs quotes"


def read_yaml(path: Path, kind: str, remedy: str) -> Any:
    """Return the content of a YAML file; None if it is empty.

    Parameters
    ----------
    path
        The file.
    kind, remedy
        What file it is, for messages, and what to do where there is none.

    Raises
    ------
    RiftError
        The file is missing, a folder, not readable, or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RiftError(f"no such {kind} file", where=path, remedy=remedy) from None
    except IsADirectoryError:
        raise RiftError(f"this is a folder, not a {kind} file", where=path, remedy=remedy) from None
    except UnicodeDecodeError as error:
        raise RiftError(
            f"byte {error.start + 1} is not UTF-8", where=path, remedy="save the file as UTF-8"
        ) from None
    except OSError as error:
        raise RiftError(
            f"cannot be read: {error.strerror or error}", where=path, remedy="check the path and permissions"
        ) from None
    return parse_yaml(text, path)


def parse_yaml(text: str, where: object) -> Any:
    """Return the content of a YAML document; RiftError with line and column if it is none."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = where if mark is None else f"{where}, line {mark.line + 1}, column {mark.column + 1}"
        raise RiftError(f"not readable as YAML: {error.problem}", where=place, remedy=_REMEDY) from None
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0]
        raise RiftError(f"not readable as YAML: {first}", where=where, remedy=_REMEDY) from None


class _Loader(yaml.SafeLoader):
    """Refuses a mapping with a key twice; YAML itself would keep the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            key = (key_node.tag, key_node.value)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key_node.value!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
