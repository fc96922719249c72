"""Run the real Terraform on a scratch copy of deploy/terraform, with a stand-in for AWS.

The checkout is never written to, no network is used and no credentials are handed on. The stand-in
knows the provider's schema (deploy/tools), so Terraform's own validation, tests and plans run; what
AWS itself would refuse is not found out here.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barque.deployment.tools import LOCK, tools_python
from barque.domain.errors import CannotContinue, NotReady
from barque.settings import read_settings

TERRAFORM = Path("deploy/terraform")
PROVIDER = "registry.terraform.io/hashicorp/aws"
LONGEST_COMMAND_SECONDS = 300
NOT_COPIED = shutil.ignore_patterns(
    ".terraform", "*.tfstate*", ".terraform.lock.hcl", "backend.tf", "*.tfvars"
)
USED_TYPE = re.compile(r'^\s*(resource|data)\s+"(aws_\w+)"', re.M)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Terraform said: whether it agreed, and its words."""

    agreed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A scratch copy of deploy/terraform in `folder`, ready to be asked about."""

    folder: Path
    sockets: Path
    environment: dict[str, str]

    def terraform(self, place: str, *words: str, known: bool = False) -> Answer:
        """Run `terraform WORDS` in `place`, a path below deploy/terraform.

        `known` makes up what AWS would compute, so that a plan holds whole documents.
        """
        provider = _reattached(self.sockets / ("known" if known else "unknown"))
        try:
            done = subprocess.run(  # noqa: S603 # terraform, on our own files
                ["terraform", *words],  # noqa: S607 # whichever the reader has
                check=False,
                cwd=self.folder / place,
                env=self.environment | {"TF_REATTACH_PROVIDERS": provider},
                capture_output=True,
                text=True,
                timeout=LONGEST_COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            raise CannotContinue(
                f"`terraform {' '.join(words)}` in {place} took more than "
                f"{LONGEST_COMMAND_SECONDS} s. Run it by hand to see where it stands still."
            ) from late
        return Answer(done.returncode == 0, (done.stdout + done.stderr).strip())

    def plan(self, place: str) -> dict[str, Any]:
        """Return the plan of `place` as `terraform show -json` gives it, with made-up ids."""
        for words in (("get",), ("plan", "-input=false", "-lock=false", "-out=plan", "-no-color")):
            answer = self.terraform(place, *words, known=True)
            if not answer.agreed:
                raise CannotContinue(f"{TERRAFORM / place} cannot be planned:\n{answer.words}")
        shown = self.terraform(place, "show", "-json", "plan", known=True)
        if not shown.agreed:
            raise CannotContinue(f"The plan of {place} cannot be shown:\n{shown.words}")
        return dict(json.loads(shown.words[shown.words.index("{") :]))


@contextmanager
def workspace(root: Path, cache: Path | None = None) -> Iterator[Workspace]:
    """Copy deploy/terraform of the checkout `root` aside, and give it a stand-in for AWS."""
    if shutil.which("terraform") is None:
        raise NotReady("terraform is not on the PATH: install Terraform 1.11 or later.")
    cache = cache or read_settings().cache
    python = tools_python(cache, root=root)
    schema = _schema(root, cache, python)
    with tempfile.TemporaryDirectory(prefix="barque-terraform-") as name:
        scratch = Path(name)
        copy = scratch / "terraform"
        shutil.copytree(root / TERRAFORM, copy, ignore=NOT_COPIED)
        _as_the_example_says(copy)
        with _stand_in(root, scratch, [str(python), "-I"], schema):
            yield Workspace(copy, scratch, _environment(scratch))


def used_types(root: Path) -> list[str]:
    """Return the types that deploy/terraform uses; those of data sources begin with `data.`."""
    found = {
        f"data.{name}" if kind == "data" else name
        for path in (root / TERRAFORM).rglob("*.tf")
        for kind, name in USED_TYPE.findall(path.read_text())
    }
    return sorted(found)


def _schema(root: Path, cache: Path, python: Path) -> Path:
    """Return the file of the schema for what is used, rebuilt when anything about it changed."""
    builder, types = root / LOCK.parent / "aws_schema.py", used_types(root)
    content = builder.read_bytes() + (root / LOCK).read_bytes() + json.dumps(types).encode()
    place = cache.absolute() / "aws-schema" / f"{hashlib.sha256(content).hexdigest()[:16]}.json"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")
        _build([str(python), str(builder), str(part), *types])
        part.replace(place)
    return place


def _build(command: Sequence[str]) -> None:
    done = subprocess.run(  # noqa: S603 # our own program
        command, check=False, capture_output=True, text=True, timeout=LONGEST_COMMAND_SECONDS
    )
    if done.returncode:
        raise CannotContinue(f"The AWS provider's schema cannot be rebuilt:\n{done.stderr[-2000:]}")


def _as_the_example_says(copy: Path) -> None:
    """Give each environment an account: the one of its example."""
    for example in copy.glob("envs/*/terraform.tfvars.example"):
        shutil.copy(example, example.with_suffix(""))


@contextmanager
def _stand_in(root: Path, scratch: Path, python: Sequence[str], schema: Path) -> Iterator[None]:
    """Run the stand-in as long as somebody needs it; it ends when its input is closed."""
    provider = root / LOCK.parent / "aws_provider.py"
    with subprocess.Popen(  # noqa: S603 # our own program
        [*python, str(provider), str(schema), str(scratch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if process.stdout.readline().strip() != "ready":
            process.kill()
            raise CannotContinue(
                f"The stand-in for the AWS provider did not start:\n{process.stderr.read()[-2000:]}"
            )
        try:
            yield
        finally:
            process.kill()


def _reattached(socket: Path) -> str:
    """Return what Terraform is told so that it speaks to a plugin that runs already."""
    address = {"Network": "unix", "String": str(socket)}
    plugin = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True}
    return json.dumps({PROVIDER: plugin | {"Addr": address}})


def _environment(scratch: Path) -> dict[str, str]:
    """Return all that Terraform is told: nothing of the caller's credentials or settings."""
    settings = scratch / "terraform.rc"
    settings.touch()
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
    }
