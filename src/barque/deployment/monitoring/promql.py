"""Which meters and labels an expression of Prometheus asks for.

No parser: `promtool` says whether an expression is one. Here only names are taken from it.
"""

import re
from collections.abc import Iterator

TEXT = re.compile(r'"(?:\\.|[^"\\])*"' + "|" + r"'(?:\\.|[^'\\])*'")
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
BRACKETS = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:])(?!\s*\()")
WORDS = frozenset(
    [
        "and",
        "or",
        "unless",
        "bool",
        "offset",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "inf",
        "nan",
    ]
)


def meters(expression: str) -> set[str]:
    """Return the names of all meters that an expression reads."""
    bare = BRACKETS.sub("", GROUPING.sub("", TEXT.sub('""', expression)))
    return {name for name in NAME.findall(bare) if name.lower() not in WORDS}


def matched_labels(expression: str) -> Iterator[tuple[str, str]]:
    """Yield each meter with each label that it is chosen by."""
    for meter, matchers in SELECTOR.findall(TEXT.sub('""', expression)):
        for label in MATCHER.findall(matchers):
            yield meter, label
