import re

from hypothesis import given
from hypothesis import strategies as st

from barque.domain.orders import client_order_id

numbers = st.integers(0, 10**15 - 1)


@given(numbers, numbers)
def test_every_venue_takes_a_client_order_id(account: int, order_id: int) -> None:
    assert re.fullmatch(r"[A-Za-z0-9-]{1,36}", client_order_id(account, order_id))


@given(numbers, numbers, numbers, numbers)
def test_two_orders_never_share_an_id_and_one_never_has_two(a: int, b: int, c: int, d: int) -> None:
    same = client_order_id(a, b) == client_order_id(c, d)

    assert same == ((a, b) == (c, d))
