"""Whether IAM gives each role exactly what the design grants it, and nothing else.

It is asked of prod as it is planned today, where nobody reaches AWS's services, and of prod as it
will be when every role that listens is built: planned by Terraform from the same code, with the
design's planned parts marked as built.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Access, Architecture, Edge, Part, Status, Verb
from barque.deployment.policies.documents import Request, Statement, allowed
from barque.deployment.policies.planned import Planned, Resource, as_planned
from barque.deployment.terraform_config import environment_folder, render_terraform
from barque.deployment.terraform_plans import Plan, content, plans
from barque.deployment.terraform_workspace import TERRAFORM, workspace
from barque.settings import read_settings

PLACE = "prod"
SEALED = {"purpose": "credentials", "tenant": "one", "account": "two"}
ACTIONS = {
    Verb.READ: ("s3:GetObject", "kms:Decrypt"),
    Verb.WRITE: ("s3:PutObject", "kms:GenerateDataKey"),
    Verb.OPEN: (None, "kms:Decrypt"),
    Verb.SEAL: (None, "kms:GenerateDataKey"),
}
"""What a verb is for S3, and what for the key."""

NEVER = (
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "kms:ScheduleKeyDeletion",
)
Built = TypeVar("Built", Part, Edge, Access)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a role may do one thing, and whether the design says that it may."""

    role: str
    words: str
    data: str
    allowed: bool
    meant: bool


def as_built(architecture: Architecture) -> Architecture:
    """Return the design with everything built, but for roles that nothing can reach."""

    def built(these: Sequence[Built]) -> tuple[Built, ...]:
        return tuple(
            replace(one, status=Status.BUILT) if getattr(one, "port", 0) is not None else one
            for one in these
        )

    return replace(
        architecture,
        parts=built(architecture.parts),
        edges=built(architecture.edges),
        access=built(architecture.access),
    )


def answers(architecture: Architecture, plan: Plan) -> Iterator[Answer]:
    """Yield every role's access to every kind of data that lies in S3 or is sealed."""
    account = Account(as_planned(PLACE, plan))
    for role in account.roles:
        granted = {(one.data, one.verb) for one in architecture.open_access(role)}
        for data in architecture.data:
            if data.key not in account.keys:
                continue
            for verb in Verb:
                if (verb in {Verb.OPEN, Verb.SEAL}) is (data.key in account.buckets):
                    continue
                may = account.may(role, verb, data.key)
                yield Answer(role, verb.value, data.name, may, (data.name, verb) in granted)
                for left_out in SEALED if data.key not in account.buckets else ():
                    may = account.may(role, verb, data.key, without=left_out)
                    yield Answer(role, f"{verb} without {left_out}", data.name, may, False)
            for action in NEVER:
                yield Answer(role, action, data.name, account.does(role, action, data.key), False)


class Account:
    """Roles, keys and buckets of a plan."""

    def __init__(self, planned: Planned) -> None:
        own = [one for one in planned.resources if ".dr[" not in one.address]
        self._region = planned.environment.region
        self.keys = _named(own, "aws_kms_key")
        self.buckets = _named(own, "aws_s3_bucket")
        self.roles = {
            name: one
            for name, one in _named(own, "aws_iam_role").items()
            if ".module.iam." in one.address
        }
        boundaries = [one for one in own if one.type == "aws_iam_policy"]
        self._boundaries = {one.at("arn"): one.document() for one in boundaries}
        self._documents = {
            name: [
                statement
                for one in planned.belonging(role, "aws_iam_role_policy", "role")
                for statement in one.document()
            ]
            for name, role in self.roles.items()
        }

    def may(self, role: str, verb: Verb, key: str, without: str = "") -> bool:
        """Return whether a role may do what a verb stands for: with the bucket and with its key."""
        of_bucket, of_key = ACTIONS[verb]
        context = {"kms:ViaService": f"s3.{self._region}.amazonaws.com"}
        if of_bucket is None:
            given = {name: value for name, value in SEALED.items() if name != without}
            context = {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
        return (of_bucket is None or self.does(role, of_bucket, key)) and self._asks(
            role, of_key, self.keys[key].at("arn"), context, self.keys[key].document()
        )

    def does(self, role: str, action: str, key: str) -> bool:
        """Return whether a role may do one thing with a bucket, or with a key."""
        if action.startswith("kms:"):
            one = self.keys[key]
            return self._asks(role, action, one.at("arn"), {}, one.document())
        if key not in self.buckets:
            return False
        arn = f"arn:aws:s3:::{self.buckets[key].at('bucket')}"
        return self._asks(role, action, arn if "Bucket" in action else f"{arn}/any", {}, None)

    def _asks(
        self,
        role: str,
        action: str,
        arn: str,
        context: dict[str, str],
        of_resource: Sequence[Statement] | None,
    ) -> bool:
        boundary = self._boundaries.get(self.roles[role].at("permissions_boundary"))
        request = Request(self.roles[role].at("arn"), action, arn, context)
        return allowed(request, self._documents[role], boundary, of_resource)


def _named(resources: Sequence[Resource], kind: str) -> dict[str, Resource]:
    """Return what `this["NAME"]` or `role["NAME"]` of a type is, by that name."""
    return {
        one.address.rpartition('["')[2].removesuffix('"]'): one
        for one in resources
        if one.type == kind and one.address.endswith('"]')
    }


def plan_as_built(root: Path, cache: Path) -> Plan:
    """Return prod's plan with everything of the design built; it is kept by content."""
    kept = cache / "terraform-plans" / content(root) / f"{PLACE}-as-built.json"
    if not kept.exists():
        with workspace(root, cache) as scratch:
            for path, text in render_terraform(as_built(BARQUE), root).items():
                (scratch.folder / Path(path).relative_to(TERRAFORM)).write_text(text)
            plan = scratch.plan(environment_folder(PLACE))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(plan))
    plan_as_kept: Plan = json.loads(kept.read_text())
    return plan_as_kept


def _access_is_the_design(root: Path) -> Sequence[Finding]:
    cache = read_settings().cache
    today = plans(root, [PLACE], cache)[PLACE]
    return [
        *differing_access(BARQUE, today),
        *differing_access(as_built(BARQUE), plan_as_built(root, cache)),
    ]


def differing_access(architecture: Architecture, plan: Plan) -> Iterator[Finding]:
    """Yield where IAM gives a role more or less than the design does."""
    for one in answers(architecture, plan):
        if one.allowed is not one.meant:
            said = "lets" if one.allowed else "does not let"
            words = f"IAM {said} {one.role} {one.words} {one.data}, against the design."
            yield Finding(f"deploy/terraform/{environment_folder(PLACE)}", words)


ACCESS_CHECK = Check(
    name="access",
    words="IAM lets each role do with data what the design grants, and nothing else",
    inputs=("deploy/terraform/**/*", "deploy/tools/*", "deploy/scaling.yaml"),
    run=_access_is_the_design,
    programs=("terraform",),
)
