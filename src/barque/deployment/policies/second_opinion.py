"""What checkov has against what is deployed: a second opinion on our own policies.

Where it is wrong for us, deploy/policy/checkov.toml says so and why. A skip that skips nothing, is
not justified, or names what checkov does not know is a finding. That checkov is content proves
nothing: it asks what can be asked of any system, and knows nothing of this one.
"""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from barque.deployment.check import Finding
from barque.deployment.pages import table
from barque.deployment.policies.checkov import Objection, Opinion, opinion, texts_of
from barque.domain.errors import BadInput

SKIPS = Path("deploy/policy/checkov.toml")
FEWEST_WORDS = 6
"""What is shorter than this is no reason."""

KINDS = {
    "terraform": "the plan of every environment",
    "kubernetes": "every overlay, with every set of components",
    "dockerfile": "the Dockerfiles",
}


class Skip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One law of checkov's that is not kept, or not everywhere, and why that is right.

    `only` are patterns of resources and `where` the environments; without them it is everything.
    `covered_by` is the policy of ours that asks the same.
    """

    id: str
    about: str
    because: Literal["covered", "does not apply", "accepted"]
    why: str
    only: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    covered_by: str = ""


class Skips(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of checkov.toml. `asked` is how many laws found something to look at, by kind."""

    asked: dict[str, int]
    terraform: tuple[Skip, ...] = ()
    kubernetes: tuple[Skip, ...] = ()
    dockerfile: tuple[Skip, ...] = ()

    def of(self, kind: str) -> tuple[Skip, ...]:
        """Return the skips of a kind."""
        found: tuple[Skip, ...] = getattr(self, kind)
        return found


def read_skips(root: Path) -> Skips:
    """Return what is skipped in a checkout; BadInput says what cannot be used."""
    place = root / SKIPS
    try:
        return msgspec.convert(tomllib.loads(place.read_text()), Skips)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{place} cannot be used: {error}.") from error


def second_opinion(root: Path, policies: Collection[str]) -> Sequence[Finding]:
    """Return what checkov has against a checkout, and what is wrong with what it must not say.

    `policies` are the names of our own.
    """
    skips = read_skips(root)
    said = opinion(root, texts_of(root))
    return [
        *objections_left(said, skips),
        *wrong_skips(said, skips, policies),
        *miscounted(said, skips),
    ]


def objections_left(said: Opinion, skips: Skips) -> Iterator[Finding]:
    """Yield what checkov objects to and nobody skipped, and what it could not be asked."""
    for where in said.unread:
        yield Finding(where, "checkov finds nothing in it to look at: it cannot have read it.")
    for kind, objections in said.objections.items():
        for one in objections:
            if not any(covers(skip, one) for skip in skips.of(kind)):
                words = f"{one.id}: {one.words}. Mend it, or say in {SKIPS} why it is right."
                yield Finding(f"{one.where}: {one.resource}", words)
    for silenced in said.silenced.values():
        for one in silenced:
            words = f"{one.id} is silenced there, where nobody looks. Skips stand in {SKIPS}."
            yield Finding(f"{one.where}: {one.resource}", words)


def wrong_skips(said: Opinion, skips: Skips, policies: Collection[str]) -> Iterator[Finding]:
    """Yield skips that skip nothing, that give no reason, or whose id checkov does not know."""
    for kind, objections in said.objections.items():
        for skip in skips.of(kind):
            for words in (*_unused(skip, objections, said.known), *_unjustified(skip, policies)):
                yield Finding(str(SKIPS), f"{skip.id}: {words}")


def miscounted(said: Opinion, skips: Skips) -> Iterator[Finding]:
    """Yield where checkov asks another number of laws than the page says."""
    for kind, asked in said.asked.items():
        if skips.asked.get(kind) != len(asked):
            words = f"checkov asks {len(asked)} laws about {KINDS[kind]}: say so under [asked]."
            yield Finding(str(SKIPS), f"{kind}: {words}")


def covers(skip: Skip, one: Objection) -> bool:
    """Return whether a skip is about an objection."""
    return (
        skip.id == one.id
        and (not skip.where or one.where in skip.where)
        and (not skip.only or any(fnmatchcase(one.resource, pattern) for pattern in skip.only))
    )


def second_opinion_page(root: Path) -> Iterator[str]:
    """Yield the paragraphs about checkov of the page of policies."""
    skips = read_skips(root)
    yield "## A second opinion"
    yield (
        "The check `checkov` lets [checkov](https://www.checkov.io), which others wrote, read the "
        "same plans, renderings and Dockerfiles, offline. It asks what can be asked of any system: "
        "that it is content proves nothing, but it thinks of what we forgot. Counted are its laws "
        "that found something to look at."
    )
    yield table(["what it reads", "laws", "kept everywhere", "skipped"], _counts(skips))
    yield (
        f"All that is skipped, from [`{SKIPS}`](../../{SKIPS}). A skip that skips nothing any more "
        "is an error."
    )
    rows = [
        [one.id, one.about, _narrowed(one), _reason(one)]
        for kind in KINDS
        for one in skips.of(kind)
    ]
    yield table(["law", "it wants", "skipped for", "why"], rows)


def _counts(skips: Skips) -> Iterator[list[str]]:
    for kind, words in KINDS.items():
        asked, skipped = skips.asked[kind], len({one.id for one in skips.of(kind)})
        yield [words, str(asked), str(asked - skipped), str(skipped)]


def _narrowed(skip: Skip) -> str:
    parts = (", ".join(f"`{pattern}`" for pattern in skip.only), ", ".join(skip.where))
    return "; ".join(part for part in parts if part) or "all"


def _reason(skip: Skip) -> str:
    by = f" by `{skip.covered_by}`" if skip.covered_by else ""
    return f"{skip.because.capitalize()}{by}: {skip.why}"


def _unused(skip: Skip, objections: Sequence[Objection], known: Collection[str]) -> Iterator[str]:
    if skip.id not in known:
        yield "checkov knows no such law. Is it misspelt, or gone with a new version?"
        return
    skipped = [one for one in objections if covers(skip, one)]
    if not skipped:
        yield "it skips nothing any more; take it out."
        return
    for pattern in skip.only:
        if not any(fnmatchcase(one.resource, pattern) for one in skipped):
            yield f"it skips nothing called {pattern} any more; take that out."
    for place in sorted(set(skip.where) - {one.where for one in skipped}):
        yield f"it skips nothing in {place} any more; take that out."


def _unjustified(skip: Skip, policies: Collection[str]) -> Iterator[str]:
    if len(skip.why.split()) < FEWEST_WORDS or not skip.why.endswith("."):
        yield f"say why in a sentence that a reviewer of security accepts, not {skip.why!r}."
    if not skip.about:
        yield "say what it is about."
    if (skip.because == "covered") is not bool(skip.covered_by):
        yield "`covered_by` names our policy for what is covered, and nothing else."
    elif skip.covered_by and skip.covered_by not in policies:
        yield f"we have no policy {skip.covered_by}."
