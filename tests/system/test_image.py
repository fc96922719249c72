"""The image runs without rights on a read-only root, starts warm, and becomes healthy."""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.request import urlopen

import pytest

import barque
from tests.system.containers import Docker

pytestmark = pytest.mark.system
needs_cli = pytest.mark.skipif(
    find_spec("barque.cli") is None, reason="the command line `barque` is not there yet"
)

SIZE_LIMIT = 1.4e9
HEALTHY_WITHIN_SECONDS = 180


def test_it_holds_this_version_and_runs_as_a_user_without_rights(
    docker: Docker, image: str
) -> None:
    source = "import barque, os; print(barque.__version__, os.getuid(), os.getgid())"

    assert docker.run(image, "python", "-c", source) == f"{barque.__version__} 10001 10001"
    assert "CapEff:\t0000000000000000" in docker.run(image, "cat", "/proc/self/status")


@pytest.mark.parametrize("place", ["/", "/opt/barque", "/etc", "/usr/local/bin"])
def test_nothing_outside_its_data_and_cache_can_be_written(
    docker: Docker, image: str, place: str
) -> None:
    source = f"open('{place}/probe', 'w')"

    refused = docker.run(image, "sh", "-c", f'python -c "{source}" 2>&1 | tail -n 1', check=False)

    assert "Read-only file system" in refused


def test_its_learning_library_loads(docker: Docker, image: str) -> None:
    assert docker.run(image, "python", "-c", "import lightgbm; print('loaded')") == "loaded"


@pytest.mark.parametrize("tool", ["pytest", "mypy", "ruff", "uv", "hypothesis", "playwright"])
def test_it_carries_no_development_tool(docker: Docker, image: str, tool: str) -> None:
    source = f"from importlib.util import find_spec; print(find_spec('{tool}'))"

    assert docker.run(image, "python", "-c", source) == "None"


def test_it_starts_with_all_of_the_demonstration_compiled(docker: Docker, image: str) -> None:
    copied_by_entrypoint = "entrypoint version >/dev/null 2>&1; touch /cache/copied; "
    run_the_demonstration = "python /opt/barque/bin/warm; "
    compiled_since = "find /cache/kernels -name '*.nb?' -newer /cache/copied | wc -l"

    done = docker.run(
        image, "sh", "-c", copied_by_entrypoint + run_the_demonstration + compiled_since
    )

    described, recompiled = done.splitlines()
    assert int(described.split()[0]) > 100
    assert recompiled == "0"


def test_its_size_is_bounded(
    docker: Docker, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)

    with capsys.disabled():
        print(f"\nimage: {size / 1e6:,.0f} MB")

    assert size < SIZE_LIMIT


@needs_cli
def test_the_command_line_answers(docker: Docker, image: str) -> None:
    assert barque.__version__ in docker.run(image, "entrypoint", "version")


@pytest.fixture
def container(docker: Docker, image: str) -> Iterator[str]:
    started = docker.start(image)
    yield started
    docker("rm", "--force", "--volumes", started)


@needs_cli
def test_it_becomes_healthy_and_answers_on_the_published_port(
    docker: Docker, container: str
) -> None:
    health = wait_for_health(docker, container)

    assert health == "healthy", docker("logs", container, check=False)
    published = docker("port", container, "8000/tcp").stdout.split()[0]
    with urlopen(f"http://{published}/health/live", timeout=5) as answer:
        assert answer.status == 200


def wait_for_health(docker: Docker, container: str) -> str:
    """The first health other than `starting`, or `starting` when the time is over."""
    state = "{{.State.Status}} {{.State.Health.Status}}"
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        status, health = docker("inspect", "--format", state, container).stdout.split()
        if status != "running" or health != "starting":
            return health
        time.sleep(1)
    return "starting"
