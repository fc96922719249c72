"""Numbers are taken exactly, or refused with their name in one short line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.domain.exact import exact, shown


@given(st.decimals(-(10**15), 10**15, places=9))
def test_a_number_is_the_same_however_it_is_given(number) -> None:
    assert exact("fee", number) == exact("fee", str(number)) == number


@pytest.mark.parametrize(
    "seen",
    [
        "",
        "lots",
        "NaN",
        "1e18",
        10**18,
        pytest.param(10**5000, id="huge"),
        Decimal("1E+999999"),
        "1" * 29,
    ],
)
def test_what_cannot_be_counted_is_refused_by_name(seen) -> None:
    with pytest.raises(BadInput, match=r"^fee is .{1,62}; a number such as 0\.001"):
        exact("fee", seen)


@given(st.integers() | st.text() | st.lists(st.text()) | st.decimals())
def test_what_was_seen_fits_into_a_line(seen) -> None:
    assert len(shown(seen)) <= 61
    assert "\n" not in shown(seen)
