"""The bills of this checkout's environments, and whether each is within its budget."""

from collections.abc import Callable, Sequence
from pathlib import Path

from barque.deployment.auto_scaling import PLACE as SCALING
from barque.deployment.auto_scaling import read_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Environment
from barque.deployment.cost import Bill, bill, core_hour
from barque.deployment.optimize import Proposal, Used, propose
from barque.deployment.prices import HOURS_A_MONTH, PRICES, USAGE, read_prices, read_usage
from barque.deployment.terraform_plans import plans
from barque.domain.errors import UnknownName
from barque.settings import read_settings


def bills(
    root: Path,
    name: str | None = None,
    price_file: Path | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> list[Bill]:
    """Return the bill of one environment, or of all."""
    chosen = [_environment(name)] if name else list(BARQUE.environments)
    prices, usage = read_prices(price_file or root / PRICES), read_usage(root)
    scaling, cache, made = read_scaling(root), read_settings().cache, []
    for done, one in enumerate(chosen, start=1):
        plan = plans(root, [one.name], cache)[one.name]
        region = prices.of(one.region)
        made.append(bill(BARQUE, one, plan, scaling, region, usage[one.name], prices.spot_share))
        told(done, len(chosen))
    return made


def savings(
    root: Path, name: str, used: dict[str, Used], least_hours: float
) -> list[tuple[Proposal, float | None]]:
    """Return a proposal for each built role, and what it saves a month (negative: it costs)."""
    environment, prices = _environment(name), read_prices(root / PRICES)
    region, scaling = prices.of(environment.region), read_scaling(root)
    found = []
    for role in BARQUE.roles:
        if role.name in used or role.status.value == "built":
            proposal = propose(role, used.get(role.name), least_hours)
            least, _ = scaling.roles[role.name].bounds[name]
            rate = core_hour(role, region, prices.spot_share) * HOURS_A_MONTH * least
            found.append((proposal, _saved(proposal, rate)))
    return found


def _saved(proposal: Proposal, rate: float) -> float | None:
    if proposal.proposed_cores is None:
        return None
    return (proposal.cores - proposal.proposed_cores) * rate


def _environment(name: str) -> Environment:
    known = {one.name: one for one in BARQUE.environments}
    if name not in known:
        raise UnknownName("environment", name, known, "barque deploy cost")
    return known[name]


def _is_within_budget(root: Path) -> Sequence[Finding]:
    made = bills(root)
    over = [
        Finding(
            one.environment,
            f"${one.total:,.0f} a month, over its budget of ${one.budget:,.0f}. "
            f"`barque deploy cost {one.environment}` shows what for.",
        )
        for one in made
        if not one.is_within_budget
    ]
    return over + [
        Finding(one.environment, f"not priced: {', '.join(one.not_priced)}")
        for one in made
        if one.not_priced
    ]


CHECK = Check(
    name="budget",
    words="every environment costs what it may, and nothing is unpriced",
    inputs=("deploy/terraform/**/*", PRICES, USAGE, SCALING),
    run=_is_within_budget,
    programs=("terraform",),
)
