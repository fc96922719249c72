"""What is generated from the design, and whether the checkout still holds it unchanged.

Only data is generated (Terraform's variables, Kustomize's inputs), never code. A renderer returns
the text of every file that it owns, by its path in the repository.
"""

from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.cloud_architecture import Architecture
from barque.deployment.edge.page import edge_page
from barque.deployment.graph import picture
from barque.deployment.kubernetes.inputs import kubernetes_inputs
from barque.deployment.monitoring_setup import monitoring_files
from barque.deployment.pages import pages
from barque.deployment.policies.table import policies_page
from barque.deployment.scaling.rendering import kubernetes_files, pictures
from barque.deployment.terraform_config import render_terraform

Renderer = Callable[[Architecture, Path], dict[str, str]]

RENDERERS: tuple[Renderer, ...] = (
    kubernetes_inputs,
    kubernetes_files,
    pictures,
    picture,
    pages,
    policies_page,
    render_terraform,
    monitoring_files,
    edge_page,
)
LONGEST_DIFFERENCE_LINES = 12


def rendered(root: Path) -> dict[str, str]:
    """Return the text of every generated file, by its path below `root`."""
    texts: dict[str, str] = {}
    for renderer in RENDERERS:
        texts |= renderer(BARQUE, root)
    return texts


def render(root: Path) -> list[str]:
    """Write every generated file that is not as it should be, and return their paths."""
    written = []
    for path, text in rendered(root).items():
        place = root / path
        if not place.exists() or place.read_text() != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            written.append(path)
    return written


def differences(root: Path) -> list[Finding]:
    """Return a finding for every generated file that differs from what would be generated."""
    return list(differing(rendered(root), root))


def differing(texts: dict[str, str], root: Path) -> Iterator[Finding]:
    """Yield a finding for each of these texts that the checkout does not hold as it is."""
    for path, text in texts.items():
        place = root / path
        found = place.read_text() if place.exists() else ""
        if found != text:
            lines = unified_diff(found.splitlines(), text.splitlines(), "found", "meant", n=0)
            shown = "\n".join(list(lines)[:LONGEST_DIFFERENCE_LINES])
            yield Finding(path, f"It is not what the design says; `barque deploy render`:\n{shown}")
