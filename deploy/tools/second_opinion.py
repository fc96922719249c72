"""Ask checkov what it has against plans, manifests and Dockerfiles: offline, each file by itself.

    second_opinion.py < {"terraform": {"prod": FILE}, "kubernetes": {}, "dockerfile": {}}

Prints the ids of all its laws, and of each file what it asked, what it has against it, and what the
file itself told it to ignore. In one run two plans could lend each other what only one of them has.
"""

import importlib
import json
import logging
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

RUNNERS = {
    "terraform": "checkov.terraform.plan_runner",
    "kubernetes": "checkov.kubernetes.runner",
    "dockerfile": "checkov.dockerfile.runner",
}
AT_ONCE = 2

Answer = dict[str, Any]


def main() -> None:
    asked: dict[str, dict[str, str]] = json.load(sys.stdin)
    os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"
    logging.disable(logging.CRITICAL)
    for kind in asked:
        importlib.import_module(RUNNERS[kind])
    files = [(kind, where, file) for kind in asked for where, file in asked[kind].items()]
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("fork")) as workers:
        answers = list(workers.map(_answer, files))
    json.dump({"known": _known(list(asked)), "answers": answers}, sys.stdout)


def _answer(file: tuple[str, str, str]) -> Answer:
    kind, where, path = file
    settings: Any = importlib.import_module("checkov.runner_filter")
    runner: Any = importlib.import_module(RUNNERS[kind]).Runner()
    quiet = settings.RunnerFilter(show_progress_bar=False)
    report = runner.run(root_folder=None, files=[path], runner_filter=quiet)
    return {
        "kind": kind,
        "where": where,
        "asked": sorted({one.check_id for one in report.get_all_records()}),
        "objections": [_told(one, path) for one in report.failed_checks],
        "silenced": [_told(one, path) for one in report.skipped_checks],
    }


def _told(record: Any, path: str) -> dict[str, str]:
    resource = record.resource.replace(path, "").lstrip(".")
    return {"id": record.check_id, "resource": resource, "words": record.check_name}


def _known(kinds: list[str]) -> list[str]:
    lister: Any = importlib.import_module("checkov.docs_generator")
    return sorted({row[0] for row in lister.get_checks(kinds)})


if __name__ == "__main__":
    main()
