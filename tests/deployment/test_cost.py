"""Bills add up, grow with what is rented, and leave nothing silently unpriced."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.auto_scaling import read_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cost import Bill, bill
from barque.deployment.prices import HOURS_A_MONTH, PRICES, Usage, read_prices, read_usage
from barque.domain.errors import BadInput, UnknownName

ROOT = Path(__file__).resolve().parents[2]
SCALING, EVERY_PRICE = read_scaling(ROOT), read_prices(ROOT / PRICES)
NOTHING = Usage(*([0.0] * len(Usage.__struct_fields__)))


def resource(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "mode": "managed", "values": values}


def billed(*resources: dict[str, Any], usage: Usage = NOTHING, name: str = "small") -> Bill:
    plan = {
        "planned_values": {
            "root_module": {"resources": [], "child_modules": [{"resources": list(resources)}]}
        }
    }
    environment = BARQUE.environment(name)
    region = EVERY_PRICE.of(environment.region)
    return bill(BARQUE, environment, plan, SCALING, region, usage, EVERY_PRICE.spot_share)


def test_a_known_bill() -> None:
    """Two nodes of m7i.large at 0.1208 and one control plane at 0.10, 730 hours."""
    nodes = resource(
        "aws_eks_node_group", instance_types=["m7i.large"], scaling_config=[{"min_size": 2}]
    )

    made = billed(nodes, resource("aws_eks_cluster"))

    assert made.total == pytest.approx((2 * 0.1208 + 0.10) * HOURS_A_MONTH)
    assert made.groups() == {"machines": pytest.approx(249.368)}


def test_a_standby_doubles_a_database() -> None:
    alone = billed(resource("aws_db_instance", instance_class="db.m7g.large"))
    standby = billed(resource("aws_db_instance", instance_class="db.m7g.large", multi_az=True))

    assert standby.total == pytest.approx(2 * alone.total)


def test_what_is_neither_priced_nor_free_is_said() -> None:
    made = billed(resource("aws_quantum_computer"), resource("aws_subnet"))

    assert made.not_priced == ("aws_quantum_computer",)
    assert made.total == 0


def test_surprises_are_the_largest_of_roads_logs_and_the_edge() -> None:
    usage = read_usage(ROOT)["prod"]

    made = billed(*[resource("aws_nat_gateway")] * 3, usage=usage, name="prod")

    found = [line.what for line in made.surprises()]
    assert len(found) == 3
    assert made.surprises()[0].dollars >= made.surprises()[-1].dollars
    assert "PostgreSQL" not in " ".join(found)


def test_planned_roles_are_priced_apart() -> None:
    made = billed(name="prod")

    assert made.planned > 0
    assert all(not line.planned or line.group == "machines" for line in made.lines)
    assert made.total == pytest.approx(sum(x.dollars for x in made.lines if not x.planned))


@given(st.lists(st.sampled_from(["aws_nat_gateway", "aws_lb", "aws_eip", "aws_kms_key"])))
def test_one_thing_more_never_costs_less(kinds: list[str]) -> None:
    fewer = billed(*[resource(kind) for kind in kinds])
    more = billed(*[resource(kind) for kind in [*kinds, "aws_nat_gateway"]])

    assert more.total > fewer.total


def test_an_instance_without_a_price_is_an_error_and_not_free() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'db\.m7g\.large'"):
        billed(resource("aws_db_instance", instance_class="db.m7g.largo"))


def test_a_region_without_prices_is_told() -> None:
    with pytest.raises(BadInput, match="no prices of mars-1"):
        EVERY_PRICE.of("mars-1")


def test_a_damaged_price_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("{}")

    with pytest.raises(BadInput, match="is no price file"):
        read_prices(tmp_path / "prices.json")


def test_every_environment_and_region_of_the_design_has_prices_and_use() -> None:
    assert read_usage(ROOT).keys() == {one.name for one in BARQUE.environments}
    for one in BARQUE.environments:
        region = EVERY_PRICE.of(one.region)
        assert one.database.instance_class in region.database_hour
        assert one.cache.node_type in region.cache_hour
        assert {group.instance_type for group in one.machines.values()} <= set(region.instance_hour)
