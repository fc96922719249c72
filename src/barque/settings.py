"""Every knob of a run, once: read from environment variables that begin with BARQUE_."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from barque.domain.errors import BadInput

PREFIX = "BARQUE_"

_HOUSE = Path(__file__).resolve().parent
_SAMPLES = (_HOUSE / "sample", _HOUSE.parents[1] / "sample")
"""Where the bundled sample lies: inside an installed package, or beside the sources."""


def _bundled_sample() -> Path:
    return next((folder for folder in _SAMPLES if folder.is_dir()), _SAMPLES[-1])


class Settings(BaseSettings):
    """What can be set from outside. A field `port` is the variable BARQUE_PORT."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    home: Path = Path(".barque")
    """The folder a run lives in: catalog, store, market log, models."""
    cache: Path = Field(default_factory=lambda: Path.home() / ".cache" / "barque")
    """Where compiled machine code is kept."""
    sample: Path = Field(default_factory=_bundled_sample)
    """The folder of the bundled market data."""
    host: str = "127.0.0.1"
    """The address the local page listens on."""
    port: int = Field(default=8000, ge=1, le=65_535)
    """The first port the local page tries; a role listens on exactly this one, or its own."""
    hosts: str = ""
    """Names, by commas, under which the page may be asked for besides this machine's own: those of
    the proxy before it. Then the health checks and meters answer to IP addresses too."""
    drain: float = Field(default=0.0, ge=0, le=60)
    """Seconds for which a service that was asked to stop still answers, saying it is not ready."""
    pace: float = Field(default=2.0, ge=0, allow_inf_nan=False)
    """Slices a second of a replayed market; 0 is as fast as the disk allows."""


def read_settings() -> Settings:
    """Read the settings; BadInput names the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadInput(_in_words(error)) from error


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    name = f"{PREFIX}{first['loc'][0]}".upper()
    return f"{name} is {first['input']!r}: {first['msg'].lower()}. Set another value, or unset it."
