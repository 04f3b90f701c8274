"""XML, parsed without trust in the file: no entities, no network, no huge trees."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from rift.errors import RiftError

Element = Any
"""An lxml element; lxml has no types of its own."""

# Entities are declared in a document type. What a tool writes of one (ELAN, HTML, GPX) names a schema
# at most, so that a declaration of an entity is an attack or an accident, and is not read.
_ENTITY = re.compile(
    b"|".join(re.escape("<!ENTITY".encode(codec)) for codec in ("ascii", "utf-16-le", "utf-16-be")), re.I
)


def parse_xml(data: bytes, where: object) -> Element:
    """Return the root element of an XML document.

    Raises
    ------
    RiftError
        It is not well-formed, or declares entities.
    """
    if _ENTITY.search(data):
        raise RiftError("the file declares XML entities; it is not read", where=where)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise RiftError(
            "the XML in this file is damaged" + (f" at line {line}" if line else ""),
            where=where,
            remedy="export it again from the program that wrote it",
        ) from None


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(etree.QName(element).localname)
