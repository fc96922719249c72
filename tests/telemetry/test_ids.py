import pytest

from barque.telemetry import new_id, request_id


def test_an_id_of_a_caller_is_kept_when_it_fits_a_log_line() -> None:
    assert request_id("order-desk-000017") == "order-desk-000017"


@pytest.mark.parametrize(
    "offered", [None, "", "short", "a" * 65, 'x"\n{"level":"forged"}', "ä" * 9]
)
def test_anything_else_is_replaced_by_a_fresh_one(offered: str | None) -> None:
    given = request_id(offered)

    assert given != offered
    assert len(given) == 32


def test_no_two_ids_are_the_same() -> None:
    assert len({new_id() for _ in range(1_000)}) == 1_000
