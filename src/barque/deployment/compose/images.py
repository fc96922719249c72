"""The images of a stack: one of our own for each role, and those of the parts beside them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from barque.deployment.compose.engine import Engine
from barque.domain.errors import CannotContinue, NotReady

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) now and then."""

STEP = "Step "
LOCAL_PARTS = "barque-parts:local"
PART_VARIABLES = (
    "NGINX_IMAGE",
    "POSTGRES_IMAGE",
    "PGBOUNCER_IMAGE",
    "REDIS_IMAGE",
    "PROMETHEUS_IMAGE",
    "ALERTMANAGER_IMAGE",
)
"""What compose.yaml calls the images of the parts that are not ours."""


@dataclass(frozen=True, slots=True)
class RoleImage:
    """The image of one role: the variable that names it, and the extras that it carries."""

    role: str
    variable: str
    tag: str
    extras: str


ROLE_IMAGES = (
    RoleImage("api", "BARQUE_API_IMAGE", "barque-api:local", ""),
    RoleImage("trader", "BARQUE_TRADER_IMAGE", "barque-trader:local", "learning"),
)


def build_images(
    engine: Engine, base: str | None, progress: Progress, roles: tuple[str, ...] = ()
) -> None:
    """Build the image of every role, or of `roles`, on `base` or on the Dockerfile's own."""
    environment = {"BASE_IMAGE": base} if base else {}
    for image in ROLE_IMAGES:
        if roles and image.role not in roles:
            continue
        command = ["scripts/image", image.tag]
        lines = engine.lines_of(command, EXTRAS=image.extras, **environment)
        _follow(lines, f"Build the image of {image.role}", progress)


def local_base(engine: Engine) -> str:
    """Return a base image of Debian's packages; make it if there is none."""
    last = ""
    for line in engine.lines_of(["scripts/debian-base"]):
        last = line or last
    return last.strip()


def build_parts(engine: Engine, base: str, progress: Progress) -> dict[str, str]:
    """Build the stand-in for the parts' images, and return the variables that choose it."""
    command = ["docker", "build", "--network", "host", "--build-arg", f"BASE_IMAGE={base}"]
    lines = engine.lines_of([*command, "--tag", LOCAL_PARTS, "deploy/docker/parts"])
    _follow(lines, "Build the parts from Debian's packages", progress)
    return local_parts()


def local_parts() -> dict[str, str]:
    """Return the variables that choose the stand-in for every part."""
    return dict.fromkeys(PART_VARIABLES, LOCAL_PARTS)


def pull_parts(engine: Engine, names: list[str], progress: Progress) -> None:
    """Fetch the public images that are not here yet."""
    for done, name in enumerate(names):
        progress("Fetch the images of the parts", done, len(names))
        if engine.has_image(name):
            continue
        try:
            for _ in engine.lines_of(["docker", "pull", "--quiet", name]):
                pass
        except CannotContinue as failed:
            raise NotReady(
                f"The image {name} is not here and cannot be pulled: is a registry in reach? "
                "`barque deploy up --target compose --without-registry` makes everything from "
                "Debian's packages instead (root on Debian)."
            ) from failed


def _follow(lines: Iterable[str], stage: str, progress: Progress) -> None:
    """Show a build's own steps as progress, and see it to its end."""
    progress(stage, 0, 0)
    for line in lines:
        if line.startswith(STEP):
            done, total = line[len(STEP) :].split(" ", 1)[0].split("/")
            progress(stage, int(done), int(total))
