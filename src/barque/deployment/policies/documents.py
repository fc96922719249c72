"""What AWS would decide about a request, from policy documents: a small, stated part of its rules.

A request is allowed when no statement denies it, some statement of the role's own documents allows
it, the boundary allows it, and, for keys, some statement of the key's own document does. Known are
Allow and Deny, wildcards in actions and resources, principals by ARN, and the conditions
StringEquals, StringLike, Null, Bool, ArnEquals and ArnNotEquals. Any other condition counts as met
in a Deny and as not met in an Allow: what is not understood never lets anybody in. Session and
organisation policies are not looked at.
"""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barque.deployment.policies.planned import listed

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks to do one thing with one resource."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(
    request: Request,
    own: Sequence[Statement],
    boundary: Sequence[Statement] | None = None,
    of_resource: Sequence[Statement] | None = None,
) -> bool:
    """Return whether AWS would say yes; None stands for a document that does not exist."""
    documents = [own, *(one for one in (boundary, of_resource) if one is not None)]
    if any(_fits(one, request, "Deny") for document in documents for one in document):
        return False
    return all(any(_fits(one, request, "Allow") for one in document) for document in documents)


def _fits(one: Statement, request: Request, effect: str) -> bool:
    return (
        one["Effect"] == effect
        and _principal(one, request)
        and any(_like(each, request.action, fold=True) for each in listed(one.get("Action")))
        and any(_like(each, request.resource) for each in listed(one.get("Resource")))
        and _conditions(one.get("Condition", {}), request, unknown=effect == "Deny")
    )


def _principal(one: Statement, request: Request) -> bool:
    """Return whether a statement is about the asker; those of roles name nobody."""
    if "Principal" not in one:
        return True
    named = one["Principal"]
    arns = listed(named.get("AWS")) if isinstance(named, Mapping) else [named]
    return "*" in arns or request.principal in arns


def _like(pattern: str, value: str, *, fold: bool = False) -> bool:
    if fold:
        pattern, value = pattern.lower(), value.lower()
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _conditions(conditions: Mapping[str, Any], request: Request, *, unknown: bool) -> bool:
    return all(
        _condition(operator, key, listed(wanted), request, unknown=unknown)
        for operator, each in conditions.items()
        for key, wanted in each.items()
    )


def _condition(
    operator: str, key: str, wanted: list[Any], request: Request, *, unknown: bool
) -> bool:
    value = {"aws:PrincipalArn": request.principal, **request.context}.get(key)
    if operator == "Null":
        return (value is None) is (str(wanted[0]).lower() == "true")
    test = OPERATORS.get(operator)
    if test is None:
        return unknown
    if value is None:
        return operator.startswith("ArnNot")
    return test(value, [str(one) for one in wanted])


OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "StringEquals": lambda value, wanted: value in wanted,
    "StringLike": lambda value, wanted: any(_like(one, value) for one in wanted),
    "Bool": lambda value, wanted: value.lower() == wanted[0].lower(),
    "ArnEquals": lambda value, wanted: any(_like(one, value) for one in wanted),
    "ArnNotEquals": lambda value, wanted: not any(_like(one, value) for one in wanted),
}
