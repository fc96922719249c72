import copy
import json
import pickle
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.telemetry import Secret, open_log

CANARY = "canary-7d1f"

WAYS_OUT = {
    "str": str,
    "repr": repr,
    "f-string": lambda s: f"{s}",
    "width": lambda s: f"{s:>40}",
    "percent": "%s".__mod__,
    "format": "{0} {0!r} {0!s}".format,
    "in a list": lambda s: str([s, {"key": s}]),
    "in an error": lambda s: str(ValueError(s)),
    "json with a default": lambda s: json.dumps({"k": s}, default=repr),
    "msgspec with a hook": lambda s: msgspec.json.encode({"k": s}, enc_hook=repr).decode(),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_of_writing_a_secret_shows_it(way: str) -> None:
    text = WAYS_OUT[way](Secret(CANARY))

    assert CANARY not in text
    assert "[secret]" in text


@given(st.text(min_size=4))
def test_no_log_line_shows_a_secret_wherever_it_hides(value: str) -> None:
    canary = f"canary-{value}-canary"
    lines = StringIO()
    log = open_log(lines).bind(bound=Secret(canary))

    log.info("plain", key=Secret(canary), nested={"deep": [Secret(canary)]}, pair=(Secret(canary),))
    log.info("by name", api_key=canary, headers={"Authorization": canary}, session_token=canary)
    try:
        raise RuntimeError(Secret(canary))
    except RuntimeError as error:
        log.error("failed", exc_info=error)

    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(written) == 3
    assert canary not in lines.getvalue()
    assert not any(canary in text for line in written for text in _texts(line))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [str(value)]


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_cannot_be_copied_out(way) -> None:
    with pytest.raises(TypeError):
        way(Secret(CANARY))


def test_secrets_are_equal_by_value_and_revealed_by_name_alone() -> None:
    secret = Secret(CANARY)

    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert secret != CANARY
    assert secret.reveal() == CANARY
    assert not hasattr(secret, "__dict__")
