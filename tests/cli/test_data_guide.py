"""What the guide to market data shows, runs: in a folder with the files that it names."""

import re

import pytest

from tests.cli.keyboard import REPOSITORY, type_in
from tests.data.download.venue import MINUTE, Venue, open_venue

GUIDE = (REPOSITORY / "docs" / "guides" / "data.md").read_text()
COMMANDS = re.findall(r"^\$ barque (.*)$", GUIDE, re.MULTILINE)
DOWNLOADS = [one for one in COMMANDS if one.startswith("data download")]

DAY = 86_400_000
MIDNIGHT = 1_700_006_400_000  # 2023-11-15
NEW_YEAR = 1_704_171_600_000  # the midnight of New York that begins 2024-01-02


@pytest.mark.parametrize("command", DOWNLOADS)
def test_every_download_of_the_guide_works(empty_home, monkeypatch, command):
    monkeypatch.setenv("APCA_API_KEY_ID", "key")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "secret")
    is_daily = "--period 1d" in command
    holidays = {NEW_YEAR + day * DAY for day in range(31) if (day + 1) % 7 in (5, 6) or day == 13}
    days = [one for one in range(NEW_YEAR, NEW_YEAR + 30 * DAY, DAY) if one not in holidays]
    there = Venue(MIDNIGHT, NEW_YEAR + 40 * DAY, stamps=days if is_daily else None)
    assert MIDNIGHT % MINUTE == 0

    with open_venue(there) as venue:
        result = type_in(*command.split(), "--url", venue.url)

    assert result.exit_code == 0, result.output
    assert "None is missing." in result.stdout
