"""What a CDN or a balancer says, in words that all of them share, so that they can be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from barque.deployment.check import Finding
from barque.deployment.edge.caching import BEHAVIOURS, READING, Behaviour
from barque.deployment.edge.load_balancing import RULES, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is done with the paths of one pattern.

    `seconds` are the least, usual and most that an answer is kept; `personal` says that the origin
    hears who asks.
    """

    pattern: str
    seconds: tuple[int, int, int]
    key_headers: tuple[str, ...]
    only_reading: bool
    personal: bool


def stated(behaviour: Behaviour) -> Statement:
    """Return a rule as a statement."""
    policy = behaviour.policy
    return Statement(
        pattern=behaviour.pattern,
        seconds=(policy.least, policy.usual, policy.most),
        key_headers=policy.key_headers,
        only_reading=behaviour.methods == READING,
        personal=not policy.keeps,
    )


def caching_differences(where: str, found: Mapping[str, Statement]) -> Iterator[Finding]:
    """Yield how statements, by their patterns in order, differ from the rules."""
    meant = {one.pattern: stated(one) for one in BEHAVIOURS}
    if list(found) != list(meant):
        rules = f"{', '.join(found)}; the rules are {', '.join(meant)}, in this order"
        yield Finding(where, f"It has rules for {rules}.")
    for pattern in meant.keys() & found.keys():
        for words in differences(asdict(meant[pattern]), asdict(found[pattern])):
            yield Finding(where, f"{pattern}: {words}")


def balancing(*names: str, rules: Rules = RULES) -> dict[str, object]:
    """Return some rules of load balancing by their names."""
    return {name: getattr(rules, name) for name in names}


def differences(meant: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    """Yield in words what differs between what is meant and what was found."""
    for name, value in meant.items():
        if found.get(name) != value:
            yield f"{name.replace('_', ' ')} is {found.get(name)!r}, the rules say {value!r}."
