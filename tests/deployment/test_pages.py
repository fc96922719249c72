"""The tables say what the design says."""

from dataclasses import replace

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.pages import architecture_page, environments_page


def test_only_what_differs_is_in_the_table_of_differences() -> None:
    differing, same = environments_page(BARQUE).split("## The same everywhere")

    assert "| zones |" not in differing
    assert "| zones | 3 |" in same
    assert "| budget a month |" in differing


def test_a_changed_environment_changes_the_page() -> None:
    changed = replace(BARQUE.environments[0], monthly_budget=123_456)

    page = environments_page(replace(BARQUE, environments=(changed, *BARQUE.environments[1:])))

    assert "$123,456" in page


def test_planned_edges_are_said_to_be_closed() -> None:
    page = architecture_page(BARQUE)

    assert "| balancer | api | 8000 | requests and WebSockets | open |" in page
    assert "| trader | venues | 443 | orders | closed |" in page
