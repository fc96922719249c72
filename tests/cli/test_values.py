"""What people type becomes a number or a time, or is refused with its option's name."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.cli.values import column_names, decimal, nanoseconds, parameters
from barque.domain.errors import BadInput

anything = st.text(max_size=30) | st.sampled_from(
    ["nan", "-inf", "1e999999999", "1e-999999999", "sNaN", "1_000", "0x10", "--", "1,5", ""]
)


def read(reader, *words):
    """Return what was read, or the sentence that refuses it."""
    try:
        return reader(*words)
    except BadInput as error:
        return str(error)


@given(anything)
def test_any_text_is_a_countable_number_or_refused(text):
    found = read(decimal, "--cash", text)

    if isinstance(found, str):
        assert "--cash" in found
    else:
        assert abs(found) < 10**18


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=8))
def test_a_number_is_taken_exactly(number):
    assert decimal("--fee", str(number)) == number


@given(anything | st.datetimes().map(str) | st.dates().map(str))
def test_any_text_is_a_time_or_refused(text):
    found = read(nanoseconds, "--from", text)

    if isinstance(found, str):
        assert "--from" in found
    else:
        assert -(2**63) <= found < 2**63


@given(st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)))
def test_a_time_is_utc_to_the_microsecond(moment):
    exact = (moment - datetime(1970, 1, 1)) // datetime.resolution * 1_000

    assert nanoseconds("--to", moment.isoformat()) == exact
    assert nanoseconds("--to", moment.replace(tzinfo=UTC).isoformat()) == exact


@given(st.lists(anything | st.tuples(st.just("a="), anything).map("".join), max_size=3))
def test_any_pairs_are_finite_numbers_or_refused(pairs):
    found = read(parameters, pairs)

    if isinstance(found, str):
        assert "--set" in found
    else:
        assert all(abs(value) < 2**63 for value in found.values())


def test_parameters_keep_their_kind():
    found = parameters(["fast=10", "dip=0.5", "short=true"])

    assert list(map(repr, found.values())) == ["10", "0.5", "True"]


@pytest.mark.parametrize("pair", ["volume", "=x", "volume="])
def test_a_column_without_two_names_is_refused(pair):
    with pytest.raises(BadInput, match="--column"):
        column_names("--column", [pair])


def test_an_amount_with_more_digits_than_can_be_counted_is_refused():
    with pytest.raises(BadInput, match="28 digits"):
        decimal("--cash", "1." + "1" * 40)
