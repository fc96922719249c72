"""Numba's complaint about a strategy, in one sentence: the line, the cause, the way out."""

import re
from pathlib import Path

from barque.domain.errors import BadInput

_NOISE = ("Failed in nopython", "During:", "File ", "- Resolution", "None")
_ADVICE = "Leave out @compiled to use anything."


def compile_failure(error: Exception, name: str, path: Path | None) -> BadInput:
    """Return what Numba says about the strategy called `name`, whose own file is `path`."""
    text = str(error)
    cause = cause_of(error)
    advice = "" if cause.endswith(_ADVICE.rstrip(".")) else f" {_ADVICE}"
    return BadInput(f"{_place(text, name, path)} cannot be compiled: {cause}.{advice}")


def cause_of(error: Exception) -> str:
    """Return what Numba complains about, in one sentence without its full stop."""
    return _cause(str(error)).rstrip(".")


def _cause(text: str) -> str:
    """Return the first sentence that is about the strategy, with the call it is about."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cause = next((line for line in lines if not line.startswith(_NOISE)), lines[0])
    call = next((line for line in lines if line.startswith(">>> ")), "")
    return f"{cause} {call.removeprefix('>>> ')}" if cause.endswith("signature:") else cause


def _place(text: str, name: str, path: Path | None) -> str:
    if path is None:
        return name
    line = re.search(re.escape(str(path.resolve())) + r" \((\d+)\)", text)
    return f"{path}, line {line[1]}" if line else name
