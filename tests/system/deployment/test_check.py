"""Every check of the deployment passes, and none is skipped."""

import pytest

from tests.cli.keyboard import answer

pytestmark = pytest.mark.system


def test_every_check_passes_and_none_is_skipped() -> None:
    checks = answer("deploy", "check")["checks"]

    assert {one["name"]: one["verdict"] for one in checks if one["verdict"] != "passed"} == {}
    assert len(checks) > 30
