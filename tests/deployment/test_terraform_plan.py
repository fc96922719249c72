import json
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.terraform_checks import differing_edges, meant_edges
from barque.deployment.terraform_plan import (
    read_plan,
    refused_losses,
    secrets_in,
    security_group_edges,
    summary,
)
from barque.domain.errors import BadInput, UnknownName

DATABASE = "module.barque.module.database.aws_db_instance.primary"


def change(address: str, *actions: str, **after: Any) -> dict[str, Any]:
    return {
        "address": address,
        "type": address.split(".")[-2],
        "mode": "managed",
        "change": {"actions": list(actions), "after": after or None},
    }


def plan(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"resource_changes": list(changes)}


def group(part: str) -> dict[str, Any]:
    address = f"module.barque.module.network.aws_security_group.{part}"
    return change(address, "create", id=f"sg-{part}", tags={"Part": part})


def rule(direction: str, own: str, port: int, **other: Any) -> dict[str, Any]:
    address = f"module.barque.module.network.aws_vpc_security_group_{direction}_rule.{own}{port}"
    return change(
        address,
        "create",
        security_group_id=f"sg-{own}",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        **other,
    )


def test_a_plan_is_summed_up_by_what_it_does() -> None:
    counts = summary(
        plan(
            change("aws_vpc.this", "create"),
            change("aws_subnet.a", "update"),
            change(DATABASE, "delete", "create"),
            change("aws_eip.nat", "delete"),
            change("aws_route.out", "no-op"),
        )
    )

    assert counts == {"create": 1, "update": 1, "replace": 1, "destroy": 1}


@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete")])
def test_what_holds_data_is_not_lost_without_being_named(actions: tuple[str, ...]) -> None:
    losing = plan(change(DATABASE, *actions), change("aws_route.out", "delete"))

    assert refused_losses(losing, []) == [DATABASE]
    assert refused_losses(losing, [DATABASE]) == []


def test_allowing_a_loss_that_is_not_planned_is_a_mistake() -> None:
    with pytest.raises(UnknownName, match="Did you mean"):
        refused_losses(plan(change(DATABASE, "delete")), [DATABASE[:-1]])


def test_a_secret_in_the_state_is_found_however_deep() -> None:
    showing = plan(
        change("aws_db_instance.a", "create", password="hunter2"),
        change("aws_x.b", "create", blocks=[{"auth_token": "t"}]),
        change("aws_db_instance.c", "create", password=None, password_wo_version=1),
    )

    assert list(secrets_in(showing)) == [
        "aws_db_instance.a.password",
        "aws_x.b.blocks.0.auth_token",
    ]


def test_edges_are_read_from_both_ends_of_a_rule() -> None:
    found = security_group_edges(
        plan(
            group("api"),
            group("pgbouncer"),
            rule("egress", "api", 6432, referenced_security_group_id="sg-pgbouncer"),
            rule("ingress", "pgbouncer", 6432, referenced_security_group_id="sg-api"),
            rule("egress", "api", 443, cidr_ipv4="0.0.0.0/0"),
        )
    )

    assert found == {
        ("api", "pgbouncer", 6432, "egress"),
        ("api", "pgbouncer", 6432, "ingress"),
        ("api", "0.0.0.0/0", 443, "egress"),
    }


def test_a_rule_for_every_protocol_is_no_edge_of_the_design() -> None:
    wide = rule("ingress", "database", 5432, cidr_ipv4="10.0.0.0/8")
    wide["change"]["after"] |= {"ip_protocol": "-1", "from_port": None, "to_port": None}

    found = security_group_edges(plan(group("database"), wide))

    assert found == {("10.0.0.0/8", "database", -1, "ingress")}


def test_edges_that_are_meant_are_not_complained_of_and_minimal() -> None:
    meant = set(meant_edges(BARQUE))

    assert list(differing_edges(BARQUE, meant)) == []
    for edge in meant:
        assert len(list(differing_edges(BARQUE, meant - {edge}))) == 1


def test_an_edge_that_nobody_meant_is_named() -> None:
    meant = set(meant_edges(BARQUE))

    [words] = differing_edges(BARQUE, meant | {("api", "database", 5432, "ingress")})

    assert words == "api may reach database on port 5432 (ingress); no edge says so."


@pytest.mark.parametrize("text", ["no json", "[]", '{"format_version": "1.0"}'])
def test_a_file_without_a_plan_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)

    with pytest.raises(BadInput, match="terraform show -json"):
        read_plan(file)


def test_a_real_plan_is_read(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan(change(DATABASE, "create"))))

    assert summary(read_plan(file))["create"] == 1
