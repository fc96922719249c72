"""Whether nodes keep to themselves, and those under accounts are left in peace in market hours.

The market is New York's, in UTC, for summer and winter alike. A node of the trading pool may begin
to go only when the market is closed, and its grace, after which it goes in any case, must not end
while the market is open.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, at
from barque.deployment.kubernetes.rules import Rule, findings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)
STEP = timedelta(minutes=30)
OPENS, CLOSES = timedelta(hours=13, minutes=30), timedelta(hours=21)
MARKET_DAYS = 5

WRITTEN_DURATION = re.compile(r"(?:(?P<hours>[0-9]+)h)?(?:(?P<minutes>[0-9]+)m)?(?:[0-9]+s)?")
SCHEDULE = re.compile(
    r"(?P<minute>[0-9]+) (?P<hour>[0-9]+) \* \* (?P<days>\*|[a-z]{3}(-[a-z]{3})?)"
)

TRADING = "trading"
ON_DEMAND = ["on-demand"]
CAPACITY = "karpenter.sh/capacity-type"
POOL = "barque.example/pool"


def node_findings(manifests: Manifests) -> Iterator[Finding]:
    """Yield what is wrong with the nodes that would be made."""
    yield from findings(manifests, RULES)


def _classes(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.of("EC2NodeClass"):
        metadata = one.at("spec", "metadataOptions") or {}
        if metadata.get("httpTokens") != "required":
            yield one.where, "Its machines' credentials can be asked for without a token (IMDSv1)."
        if metadata.get("httpPutResponseHopLimit") != 1:
            yield one.where, "Pods can ask for its machines' credentials: more than one hop."
        if one.at("spec", "associatePublicIPAddress") is not False:
            yield one.where, "Its machines may have public addresses."
        for device in one.at("spec", "blockDeviceMappings"):
            if at(device, "ebs", "encrypted") is not True:
                yield one.where, f"Its disk {device['deviceName']} is not encrypted."


def _pools(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.of("NodePool"):
        template: Body = one.at("spec", "template")
        if at(template, "spec", "terminationGracePeriod") is None:
            yield one.where, "One pod may keep a node for ever: no terminationGracePeriod."
        if at(template, "metadata", "labels", POOL) == TRADING:
            yield from ((one.where, words) for words in _trading(one, template))


def _trading(pool: Manifest, template: Body) -> Iterator[str]:
    capacity = [r for r in at(template, "spec", "requirements") if r["key"] == CAPACITY]
    if [one.get("values") for one in capacity] != [ON_DEMAND]:
        yield "Accounts would be on machines that AWS may take back."
    if at(template, "spec", "expireAfter") != "Never":
        yield "Its machines expire, whoever trades on them."
    if pool.at("spec", "disruption", "consolidationPolicy") != "WhenEmpty":
        yield "Its machines are tidied away while somebody trades on them."
    yield from _peace(pool, template)


def _peace(pool: Manifest, template: Body) -> Iterator[str]:
    grace = _duration(at(template, "spec", "terminationGracePeriod") or "0m")
    closed = list(_closed(pool))
    for start in _steps(WEEK):
        if any(_within(start, begin, length) for begin, length in closed):
            continue
        for moment, words in ((start, "begin to go"), (start + grace, "be ended by force")):
            if _market_is_open(moment):
                yield f"A machine under accounts may {words} on {_clock(moment)} UTC."
                return


def _closed(pool: Manifest) -> Iterator[tuple[timedelta, timedelta]]:
    """Yield when its budget is nought: from when in the week, and for how long."""
    for budget in pool.at("spec", "disruption", "budgets"):
        if budget["nodes"] != "0":
            continue
        if "schedule" not in budget:
            yield timedelta(), WEEK
            continue
        found = SCHEDULE.fullmatch(budget["schedule"])
        if found is not None:
            at_hour = timedelta(hours=int(found["hour"]), minutes=int(found["minute"]))
            for day in _days(found["days"]):
                yield timedelta(days=day) + at_hour, _duration(budget["duration"])


def _days(written: str) -> list[int]:
    if written == "*":
        return list(range(len(DAYS)))
    first, _, last = written.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [day % len(DAYS) for day in range(begin, end + 1 if end >= begin else end + 8)]


def _within(moment: timedelta, begin: timedelta, length: timedelta) -> bool:
    return (moment - begin) % WEEK < length


def _market_is_open(moment: timedelta) -> bool:
    moment %= WEEK
    return moment.days < MARKET_DAYS and OPENS <= moment - timedelta(days=moment.days) < CLOSES


def _steps(length: timedelta) -> Iterator[timedelta]:
    return (i * STEP for i in range(length // STEP))


def _duration(written: str) -> timedelta:
    found = WRITTEN_DURATION.fullmatch(written)
    hours, minutes = (found["hours"], found["minutes"]) if found else (None, None)
    return timedelta(hours=int(hours or 0), minutes=int(minutes or 0))


def _clock(moment: timedelta) -> str:
    moment %= WEEK
    minutes = moment.seconds // 60
    return f"{DAYS[moment.days]} {minutes // 60:02}:{minutes % 60:02}"


RULES: tuple[Rule, ...] = (_classes, _pools)
