"""What the stack is told, drawn and judged, without an engine."""

import stat
from pathlib import Path

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Status
from barque.deployment.compose.engine import Engine
from barque.deployment.compose.files import LAPTOP, read_stack
from barque.deployment.compose.images import ROLE_IMAGES, local_parts
from barque.deployment.compose.state import states_of
from barque.deployment.docker_setup import WRITTEN_BY_A_PERSON, write_secrets
from barque.domain.errors import CannotContinue

ROOT = Path(__file__).resolve().parents[2]


def container(service: str, status: str = "running", health: str | None = "healthy") -> dict:
    """What `docker inspect` says of one container."""
    log = [{"Output": "first\n"}, {"Output": '{"status":"not ready"}\n'}]
    state = {"Status": status, "StartedAt": "2026-01-02T03:04:05Z"}
    return {
        "Id": f"id-{service}",
        "Name": f"/barque_{service}_1",
        "RestartCount": 2,
        "State": state | ({"Health": {"Status": health, "Log": log}} if health else {}),
        "Config": {"Labels": {"com.docker.compose.service": service}, "Image": "barque-api:local"},
    }


@pytest.mark.parametrize(
    ("status", "health", "well", "lost"),
    [
        ("running", "healthy", True, False),
        ("running", None, True, False),
        ("running", "starting", False, False),
        ("running", "unhealthy", False, True),
        ("exited", "healthy", False, True),
        ("restarting", "starting", False, False),
    ],
)
def test_a_container_is_well_when_it_runs_and_its_check_says_so(
    status: str, health: str | None, well: bool, lost: bool
) -> None:
    [state] = states_of([container("api", status, health)])

    assert (state.is_well, state.is_lost) == (well, lost)


def test_the_last_word_of_a_check_is_kept() -> None:
    [state] = states_of([container("api")])

    assert (state.service, state.name, state.restarts) == ("api", "barque_api_1", 2)
    assert state.last_check == '{"status":"not ready"}'


def test_every_built_role_has_an_image_and_compose_asks_for_it() -> None:
    built = {role.name for role in BARQUE.roles if role.status is Status.BUILT}
    services = read_stack(ROOT, LAPTOP).services

    assert {image.role for image in ROLE_IMAGES} == built
    assert {image.role: image.tag for image in ROLE_IMAGES} == {
        name: services[name]["image"] for name in built
    }


def test_every_other_image_of_a_part_can_be_chosen() -> None:
    text = (ROOT / "deploy/docker/compose.yaml").read_text()

    for variable in (*local_parts(), *(image.variable for image in ROLE_IMAGES)):
        assert f"${{{variable}:-" in text


def test_secrets_are_drawn_once_in_a_closed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    write_secrets(folder)
    first = {file.name: file.read_text() for file in folder.iterdir()}
    write_secrets(folder)

    assert {file.name: file.read_text() for file in folder.iterdir()} == first
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    described = read_stack(ROOT, LAPTOP).content["secrets"]
    assert {Path(one["file"]).name for one in described.values()} == set(first)
    assert first["database_password"] in first["pgbouncer_users"]
    drawn = [text for name, text in first.items() if name not in WRITTEN_BY_A_PERSON]
    assert len(set(drawn)) == len(drawn) == len(first) - len(WRITTEN_BY_A_PERSON)
    assert {first[name] for name in WRITTEN_BY_A_PERSON} == {""}
    write_secrets(tmp_path / "other")
    assert (tmp_path / "other" / "cache_password").read_text() != first["cache_password"]


def test_a_script_that_fails_says_its_last_words(tmp_path: Path) -> None:
    engine = Engine(tmp_path, "unix:///nowhere")

    with pytest.raises(CannotContinue, match="no space left"):
        list(engine.lines_of(["sh", "-c", "echo begin; echo no space left >&2; exit 1"]))


def test_a_script_is_heard_line_by_line_with_its_settings(tmp_path: Path) -> None:
    engine = Engine(tmp_path, "unix:///nowhere", {"ONE": "1"})

    said = list(engine.lines_of(["sh", "-c", "echo $ONE $TWO; echo $DOCKER_HOST"], TWO="2"))

    assert said == ["1 2", "unix:///nowhere"]
