"""Whether manifests fit the schemas of Kubernetes and of what extends it here.

Kubernetes' own schemas come with kubernetes-validate, in the tools' environment. Those of what
extends it are in deploy/kubernetes/schemas: the fields that Barque uses, and no others.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Manifests
from barque.deployment.tools import tools_python
from barque.domain.errors import CannotContinue

VALIDATOR = Path("deploy/tools/validate_kubernetes.py")
SCHEMAS = Path("deploy/kubernetes/schemas")
LONGEST_SECONDS = 120


def schema_findings(
    renderings: Iterable[Manifests], version: str, root: Path, python: Path | None = None
) -> Iterator[Finding]:
    """Yield every object that does not fit its schema, each only once.

    `python` has kubernetes-validate; the tools' own is made when none is given.
    """
    places = {
        json.dumps(one.body, sort_keys=True): f"{manifests.where}: {one.where}"
        for manifests in reversed(list(renderings))
        for one in manifests.all
    }
    asked = {"version": version, "objects": [json.loads(text) for text in places]}
    answers = _asked(python or tools_python(root=root), root, json.dumps(asked))
    for where, found in zip(places.values(), answers, strict=True):
        for words in found:
            yield Finding(where, words)


def _asked(python: Path, root: Path, question: str) -> list[list[str]]:
    done = subprocess.run(  # noqa: S603 # our own program
        [str(python), str(root / VALIDATOR), str(root / SCHEMAS)],
        input=question,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise CannotContinue(f"{VALIDATOR} failed: {done.stderr.strip()}")
    answers: list[list[str]] = json.loads(done.stdout)
    return answers
