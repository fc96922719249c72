"""Every overlay with every set of components, as Kustomize renders it.

The variants are rendered in a copy of the tree: each is an overlay whose list of components was
changed as a person would change it. A tree that was rendered is not rendered again.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Manifests, read_manifests, yaml
from barque.domain.errors import NotReady

TREE = Path("deploy/kubernetes")
BESIDE = ("deploy/monitoring", "deploy/docker/pgbouncer")
"""Folders that the tree may take files from."""

DOOR = "target-group-binding"
DOORS = (
    ("", (DOOR,), ()),
    ("canary", (DOOR, f"{DOOR}/canary"), ("canary",)),
    ("ingress", ("ingress",), ()),
    ("ingress and canary", ("ingress", "ingress/canary"), ("canary",)),
)
"""Words, what stands in for the door of the overlay, and what is added before everything else."""

FOLDERS = (("", ()), ("no shared folder", ("shared-folder",)))
"""Words, and what is left out."""

EXTRAS = (("", ()), ("monitors", ("monitors",)))
"""Words, and what is added at the end."""

LONGEST_RENDER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Variant:
    """An overlay with other components than its own; `planned` adds what is not built yet."""

    overlay: str
    words: str = ""
    components: tuple[str, ...] | None = None
    planned: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.overlay} ({self.words})" if self.words else self.overlay


@dataclass(frozen=True, slots=True)
class Renderings:
    """What was rendered, and what could not be."""

    today: tuple[Manifests, ...]
    planned: tuple[Manifests, ...]
    failed: tuple[Finding, ...]


def renderings(root: Path) -> Renderings:
    """Render every variant of the checkout `root`."""
    return _rendered(root, _content(root))


def render_variants(root: Path, variants: Iterable[Variant]) -> list[Manifests | Finding]:
    """Render some variants; a Finding stands for one that Kustomize refuses."""
    with tempfile.TemporaryDirectory(prefix="barque-kustomize-") as place:
        tree = _copied(root, Path(place))
        folders = [(one.name, _written(tree, one, i)) for i, one in enumerate(variants)]
        with ThreadPoolExecutor(max_workers=2) as pool:
            return list(pool.map(lambda pair: _kustomize(*pair), folders))


def variants_of(tree: Path) -> Iterator[Variant]:
    """Yield each overlay with each set of components."""
    for overlay in overlays(tree):
        own = components_of(tree, overlay)
        for door, folder, extra in product(DOORS, FOLDERS, EXTRAS):
            words = ", ".join(words for words in (door[0], folder[0], extra[0]) if words)
            yield Variant(overlay, words, _changed(own, door, folder[1], extra[1]))


def overlays(tree: Path) -> list[str]:
    """Return the names of the overlays."""
    return sorted(path.parent.name for path in tree.glob("overlays/*/kustomization.yaml"))


def components_of(tree: Path, overlay: str) -> tuple[str, ...]:
    """Return the names of the components that an overlay takes in."""
    listed = _read(tree / "overlays" / overlay)["components"]
    return tuple(path.removeprefix("../../components/") for path in listed)


def all_components(tree: Path) -> set[str]:
    """Return the names of all components there are."""
    return {
        str(path.parent.relative_to(tree / "components"))
        for path in tree.glob("components/**/kustomization.yaml")
        if _read(path.parent)["kind"] == "Component"
    }


def _changed(
    own: tuple[str, ...],
    door: tuple[str, tuple[str, ...], tuple[str, ...]],
    left_out: tuple[str, ...],
    added: tuple[str, ...],
) -> tuple[str, ...]:
    _, doors, before = door
    kept = [name for name in own if name not in left_out]
    opened = [part for name in kept for part in (doors if name == DOOR else (name,))]
    return (*before, *opened, *added)


@lru_cache(maxsize=4)
def _rendered(root: Path, content: str) -> Renderings:
    tree = root / TREE
    plans = tuple(sorted(path.parent.name for path in tree.glob("planned/*/kustomization.yaml")))
    later = Variant(overlays(tree)[0], "with what is planned", planned=plans)
    *today, planned = render_variants(root, [*variants_of(tree), later])
    return Renderings(
        today=tuple(one for one in today if isinstance(one, Manifests)),
        planned=(planned,) if isinstance(planned, Manifests) else (),
        failed=tuple(one for one in (*today, planned) if isinstance(one, Finding)),
    )


def _content(root: Path) -> str:
    digest = hashlib.sha256()
    for folder in (str(TREE), *BESIDE):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _copied(root: Path, place: Path) -> Path:
    for folder in (str(TREE), *BESIDE):
        if (root / folder).is_dir():
            shutil.copytree(root / folder, place / folder)
    return place / TREE


def _written(tree: Path, variant: Variant, number: int) -> Path:
    """Write a variant as an overlay of its own, and return its folder."""
    if variant.components is None and not variant.planned:
        return tree / "overlays" / variant.overlay
    folder = tree / "overlays" / f"{variant.overlay}-{number}"
    shutil.copytree(tree / "overlays" / variant.overlay, folder)
    kustomization = _read(folder)
    if variant.components is not None:
        kustomization["components"] = [f"../../components/{name}" for name in variant.components]
    kustomization["resources"] += [f"../../planned/{name}" for name in variant.planned]
    (folder / "kustomization.yaml").write_text(yaml().safe_dump(kustomization))
    return folder


def _kustomize(name: str, folder: Path) -> Manifests | Finding:
    try:
        done = subprocess.run(  # noqa: S603 # our own folder
            ["kubectl", "kustomize", str(folder)],  # noqa: S607 # wherever the person has it
            capture_output=True,
            text=True,
            timeout=LONGEST_RENDER_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise NotReady(
            "kubectl is not installed: https://kubernetes.io/docs/tasks/tools"
        ) from error
    if done.returncode != 0:
        return Finding(f"{TREE}/overlays: {name}", f"Kustomize refuses it: {done.stderr.strip()}")
    return read_manifests(name, done.stdout)


def _read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml().safe_load((folder / "kustomization.yaml").read_text())
    return found
