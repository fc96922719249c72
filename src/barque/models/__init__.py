"""Learns from features and predicts; knows what it was trained on; saved in a checked format."""

from barque.models.files import from_bytes, schedule_from_bytes, schedule_to_bytes, to_bytes
from barque.models.lightgbm_learner import LightGbmLearner, import_model
from barque.models.provenance import Provenance
from barque.models.schedule import ModelSchedule
from barque.models.trees import Link, Missing, Trees
from barque.models.walker import model_at, predict, predict_rows

__all__ = [
    "LightGbmLearner",
    "Link",
    "Missing",
    "ModelSchedule",
    "Provenance",
    "Trees",
    "from_bytes",
    "import_model",
    "model_at",
    "predict",
    "predict_rows",
    "schedule_from_bytes",
    "schedule_to_bytes",
    "to_bytes",
]
