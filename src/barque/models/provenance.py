"""Where a model comes from: what it looked at, what it was asked, and when it could have known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from barque.domain.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a model was trained on. Times are nanoseconds UTC."""

    feature_names: tuple[str, ...]
    feature_fingerprint: str
    """`FeatureSet.fingerprint` of the features it expects, in the order it expects them."""
    objective: str
    label_horizon: int
    """Bars from the sample to the close that decides its label."""
    train_start: int
    train_end: int
    """Times of the first and the last sample."""
    last_label_visible: int
    """When the last label was decided: the model could not exist before."""
    rows: int
    data_hash: str
    """sha256 of the training samples."""
    seed: int
    params: Mapping[str, str | int | float | bool]
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            if type(getattr(self, name)) is not kind:
                raise BadInput(f"A model's {name} is {getattr(self, name)!r}; it must be {kind}.")
        if not self.feature_names or len(set(self.feature_names)) < len(self.feature_names):
            raise BadInput("A model's feature names must be given, and each only once.")
        if not self.train_start <= self.train_end <= self.last_label_visible:
            raise BadInput(
                f"A model was trained on samples from {self.train_start} to {self.train_end} whose "
                f"last label was visible at {self.last_label_visible}; these must be in order."
            )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: object) -> "Provenance":
        """Return what `to_json` gave; anything missing, extra or of another type is refused."""
        names = {field.name for field in fields(cls)}
        if not isinstance(found, dict) or set(found) != names:
            raise BadInput(f"A model's metadata must hold exactly {sorted(names)}.")
        feature_names = found["feature_names"]
        if not isinstance(feature_names, list) or not all(type(n) is str for n in feature_names):
            raise BadInput("A model's feature_names must be a list of names.")
        return cls(**{**found, "feature_names": tuple(feature_names)})


_KINDS: dict[str, type] = {
    "feature_names": tuple,
    "feature_fingerprint": str,
    "objective": str,
    "label_horizon": int,
    "train_start": int,
    "train_end": int,
    "last_label_visible": int,
    "rows": int,
    "data_hash": str,
    "seed": int,
    "params": dict,
    "versions": dict,
}
