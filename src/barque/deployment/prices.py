"""Prices and assumed use: `deploy/prices.json` (dated) and `deploy/usage.yaml`."""

from datetime import date
from pathlib import Path

import msgspec

from barque.domain.errors import BadInput

PRICES, USAGE = "deploy/prices.json", "deploy/usage.yaml"
HOURS_A_MONTH = 730


class RegionPrices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """List prices of one region, in US dollars."""

    instance_hour: dict[str, float]
    database_hour: dict[str, float]
    cache_hour: dict[str, float]
    cluster_hour: float
    nat_hour: float
    nat_gb: float
    endpoint_hour: float
    endpoint_gb: float
    balancer_hour: float
    balancer_unit_hour: float
    address_hour: float
    cross_zone_gb: float
    internet_gb: float
    cross_region_gb: float
    disk_gb_month: float
    database_gb_month: float
    backup_gb_month: float
    object_gb_month: float
    image_gb_month: float
    log_gb: float
    log_gb_month: float
    alarm_month: float
    dashboard_month: float
    key_month: float
    secret_month: float
    zone_month: float
    health_check_month: float
    firewall_month: float
    firewall_rule_month: float
    firewall_million: float
    cdn_gb: float
    cdn_million: float


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price file: when it was read, and the prices of each region."""

    words: str = msgspec.field(name="_")
    read: date
    checked_against_aws: bool
    regions: dict[str, RegionPrices]
    spot_share: float

    def of(self, region: str) -> RegionPrices:
        if region not in self.regions:
            raise BadInput(
                f"There are no prices of {region}, only of {', '.join(self.regions)}. Add them to "
                f"{PRICES}, or give another file with --prices."
            )
        return self.regions[region]


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a month uses: GB, millions of requests, and units of the load balancer."""

    nat_gb: float
    endpoint_gb: float
    cross_zone_gb: float
    internet_gb: float
    cdn_gb: float
    requests_millions: float
    log_gb: float
    flow_log_gb: float
    lake_gb: float
    image_gb: float
    backup_gb: float
    balancer_units: float
    copied_gb: float


def read_prices(place: Path) -> Prices:
    """Read a price file; BadInput says what is wrong with it."""
    try:
        prices = msgspec.json.decode(place.read_bytes(), type=Prices)
    except (OSError, msgspec.DecodeError) as error:
        raise BadInput(f"{place} is no price file: {error}. {PRICES} shows what one is.") from error
    return prices


def read_usage(root: Path) -> dict[str, Usage]:
    """Read the assumed use of every environment."""
    import yaml

    place = root / USAGE
    try:
        return msgspec.convert(yaml.safe_load(place.read_text()), dict[str, Usage])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise BadInput(f"{place} cannot be used: {error}.") from error
