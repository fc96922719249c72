"""What Kustomize renders, as values: manifests, and the pods that some of them start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from barque.domain.errors import NotReady

Body = Mapping[str, Any]
"""A piece of a manifest, as it was written."""

POD_TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "PodTemplate": ("template",),
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object that is declared."""

    api_version: str
    kind: str
    name: str
    namespace: str
    body: Body

    def at(self, *path: str) -> Any:
        """Return what is written at a path of keys, or None."""
        return at(self.body, *path)

    @property
    def labels(self) -> Mapping[str, str]:
        return self.at("metadata", "labels") or {}

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.at("metadata", "annotations") or {}

    @property
    def where(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def template(self) -> Body | None:
        """What each of its pods is made from; None for what starts no pods."""
        path = POD_TEMPLATES.get(self.kind)
        found: Body | None = None if path is None else at(self.body, *path)
        return found

    @property
    def pod_labels(self) -> Mapping[str, str]:
        return at(self.template or {}, "metadata", "labels") or {}

    @property
    def pod(self) -> Body:
        return at(self.template or {}, "spec") or {}

    @property
    def containers(self) -> Sequence[Body]:
        return [*self.pod.get("initContainers", ()), *self.pod.get("containers", ())]

    @property
    def selector(self) -> Mapping[str, str]:
        """Labels that it looks for, of pods."""
        found = self.at("spec", "selector") or {}
        return found.get("matchLabels", {}) if self.kind != "Service" else found


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything that one rendering declares; `where` says which."""

    where: str
    all: tuple[Manifest, ...]

    def of(self, *kinds: str) -> Iterator[Manifest]:
        return (one for one in self.all if one.kind in kinds)

    @property
    def workloads(self) -> tuple[Manifest, ...]:
        return tuple(one for one in self.all if one.template is not None)

    def has(self, kind: str, name: str, namespace: str) -> bool:
        return any(one.name == name and one.namespace == namespace for one in self.of(kind))


def at(body: Body, *path: str) -> Any:
    """Return what is written at a path of keys, or None."""
    found: Any = body
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def matches(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels hold all that are wanted."""
    return wanted.items() <= labels.items()


def read_manifests(where: str, text: str) -> Manifests:
    """Read what Kustomize wrote: documents of YAML."""
    documents = [part for part in text.split("\n---\n") if part.strip()]
    return Manifests(where, tuple(_read(document) for document in documents))


def yaml() -> Any:
    """Return the library that reads YAML; NotReady when it is not installed."""
    try:
        import yaml
    except ImportError as error:
        raise NotReady(
            "Kubernetes' files are YAML, and nothing here reads it. "
            "Install Barque with what deployment needs: pip install 'barque[deployment]'."
        ) from error
    return yaml


@lru_cache(maxsize=2_000)
def _read(document: str) -> Manifest:
    """Read one document; renderings share most of theirs."""
    library = yaml()
    body = library.load(document, getattr(library, "CSafeLoader", library.SafeLoader))
    metadata = body["metadata"]
    return Manifest(
        body["apiVersion"], body["kind"], metadata["name"], metadata.get("namespace", ""), body
    )
