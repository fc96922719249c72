"""An account's engine out of what the account was opened with."""

import hashlib
import json
from pathlib import Path
from typing import Any

from barque import __version__
from barque.bootstrap.demonstration import Demonstration
from barque.bootstrap.home import Home
from barque.bootstrap.terms import own_files, terms_of_spec
from barque.domain.errors import NotReady
from barque.engine.cache import content_key
from barque.engine.engine import Engine
from barque.features import DEFAULT_FEATURES
from barque.kernels.compile import cache_directory
from barque.models.files import schedule_from_bytes
from barque.research.terms import Terms
from barque.runtime.paper import Epoch
from barque.storage.store import Account
from barque.strategies.learned import Learned
from barque.strategies.native import Layout


def specification(demo: Demonstration, *, history: int, data_hash: str) -> dict[str, Any]:
    """Return what an account is opened with, in JSON's words."""
    return {
        "feed": demo.feed,
        "model": f"{demo.feed}.safetensors",
        "terms": demo.terms.words,
        "history": history,
        "data_hash": data_hash,
    }


def has_terms(account: Account, terms: Terms) -> bool:
    """Return whether an account was opened on these terms."""
    return terms_of_spec(account.spec).words == terms.words


def engine_of(home: Home, account: Account) -> Engine:
    """Return a fresh engine for an account, at the beginning of its life."""
    spec = account.spec
    file = home.models / spec["model"]
    if not file.exists():
        raise NotReady(
            f"The model {file} of account {account.name} is gone. `barque up` learns it."
        )
    schedule, terms = schedule_from_bytes(file.read_bytes()), terms_of_spec(spec)
    return Engine(
        Learned().taught(DEFAULT_FEATURES, schedule),
        account.instruments,
        **terms.arguments,
    )


def epoch_of(home: Home, account: Account, engine: Engine) -> Epoch:
    """Return what decides for an account now: this code, this strategy, this model."""
    model = _sha256(home.models / account.spec["model"])
    words: dict[str, Any] = {
        "barque": __version__,
        "kernels": cache_directory().name,
        "strategy": type(engine.strategy).__name__,
        "strategy_code": content_key(Layout(engine.strategy)),
        "model": model,
    }
    if functions := own_files(terms_of_spec(account.spec).words):
        words["functions"] = [_sha256(file) for file in functions]
    digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode()).digest()
    halves = (int.from_bytes(digest[k : k + 8], "little", signed=True) for k in (0, 8))
    return Epoch((next(halves), next(halves)), json.dumps(words))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
