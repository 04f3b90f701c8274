"""The control words of RTF that matter for a transcript."""

from __future__ import annotations

_OTHER = """
    colortbl stylesheet info pict header headerl headerr headerf footer footerl footerr footerf object objdata
    fldinst pntext listtext listtable listoverridetable rsidtbl generator xmlnstbl themedata nonshppict
    nonesttables pgptbl filetbl revtbl tc tcn xe bkmkstart bkmkend datastore private latentstyles
    pnseclvl template do ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn
"""
SILENT = frozenset(_OTHER.split())
"""Destinations in which nothing is spoken."""

NOTES = {"footnote": "footnote", "annotation": "comment", "shptxt": "text box"}
"""Destinations that are left out and told, by what they are called."""

CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "softline": "\n", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ",
    "qmspace": " ", "nestcell": "\t", "nestrow": "\n",
}  # fmt: skip
"""Control words that stand for characters."""

PARAGRAPH_ENDS = frozenset({"par", "sect", "page", "column"})
"""Control words that end a paragraph."""

SYMBOLS = {"~": " ", "_": "-", "\t": "\t"}
"""Control symbols that stand for characters."""

CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""The character sets of fonts that are not that of the file."""
