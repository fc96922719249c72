"""What every command that does something begins with: the settings and the home of the run."""

from barque.bootstrap.home import Home
from barque.settings import Settings, read_settings


def settings() -> Settings:
    """Return the settings of this run."""
    return read_settings()


def home() -> Home:
    """Return the folder this run lives in."""
    return Home(read_settings().home)
