"""A stand-in for Terraform's AWS provider: it knows the schema and speaks to nobody.

    python aws_provider.py SCHEMA FOLDER

serves the schema that aws_schema.py rebuilt on two sockets in FOLDER until its input is closed.
Terraform is told of them by TF_REATTACH_PROVIDERS, so that the real `terraform validate`, `test`
and `plan` run without a network and without starting a plugin for each question. Behind the socket
`unknown`, what AWS would compute is unknown in a plan, as with the real provider. Behind `known` it
is made up, so that whole documents (policies, dashboards) can be read in a plan. Nothing here
proves what AWS accepts.
"""

# ruff: noqa: N802 # the protocol names its methods
import hashlib
import json
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import grpc_controller_pb2 as controller
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

UNKNOWN = msgpack.ExtType(0, b"\x00")
WRITE_ONLY = b"\x58\x01"  # field 11 of Schema.Attribute, which the library does not know yet
ACCOUNT, PARTITION, REGION = "111122223333", "aws", "eu-central-1"
DOCUMENTS = {"policy", "assume_role_policy"}
OTHER_DOCUMENTS = {"aws_ecr_lifecycle_policy"}  # a policy, and not one of rights
LARGEST_MESSAGE = 64 << 20

Block = dict[str, Any]
Value = Any


def main(schema_file: str, folder: str) -> None:
    """Serve until nobody holds the other end of our input any more."""
    schema = json.loads(Path(schema_file).read_text())
    servers = [
        _served(Provider(schema, known=name == "known"), f"unix://{folder}/{name}")
        for name in ("unknown", "known")
    ]
    print("ready", flush=True)
    sys.stdin.read()
    for server in servers:
        server.stop(grace=0)


def _served(provider: "Provider", address: str) -> grpc.Server:
    options = [(f"grpc.max_{way}_message_length", LARGEST_MESSAGE) for way in ("send", "receive")]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=options)
    rpc.add_ProviderServicer_to_server(provider, server)
    controller_rpc.add_GRPCControllerServicer_to_server(Controller(), server)
    stdio_rpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    server.add_insecure_port(address)
    server.start()
    return server


class Controller(controller_rpc.GRPCControllerServicer):  # type: ignore[misc] # has no types
    """Terraform's word that it is done; others may still be at it, so nothing stops."""

    def Shutdown(self, request: Any, context: Any) -> Any:
        return controller.Empty()


class Stdio(stdio_rpc.GRPCStdioServicer):  # type: ignore[misc] # has no types
    """What a plugin prints; this one prints nothing."""

    def StreamStdio(self, request: Any, context: Any) -> Any:
        return iter(())


class Provider(rpc.ProviderServicer):  # type: ignore[misc] # has no types
    """The protocol's questions; those that need AWS itself are not answered at all."""

    def __init__(self, schema: dict[str, Any], *, known: bool) -> None:
        self.provider: Block = schema["provider"]
        self.resources: dict[str, Block] = schema["resources"]
        self.data: dict[str, Block] = schema["data"]
        self.known = known
        self.whole = pb.GetProviderSchema.Response(
            provider=pb.Schema(block=block_message(self.provider)),
            resource_schemas={n: _schema(b) for n, b in self.resources.items()},
            data_source_schemas={n: _schema(b) for n, b in self.data.items()},
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return self.whole

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        about_rights = request.type_name not in OTHER_DOCUMENTS
        wrong = broken_documents(_read(request.config)) if about_rights else []
        return pb.ValidateResourceConfig.Response(diagnostics=[_error(words) for words in wrong])

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = pb.DynamicValue(json=request.raw_state.json)
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        state, prior = _read(request.proposed_new_state), _read(request.prior_state)
        if state is not None:
            block = self.resources[request.type_name]
            state = planned(state, block, created=prior is None)
            if self.known:
                state = made_up(state, block, request.type_name)
        return pb.PlanResourceChange.Response(
            planned_state=_written(state), legacy_type_system=True
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        state = _read(request.planned_state)
        if state is not None:
            state = made_up(state, self.resources[request.type_name], request.type_name)
        return pb.ApplyResourceChange.Response(new_state=_written(state), legacy_type_system=True)

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        block = self.data[request.type_name]
        state = planned(_read(request.config), block, created=True)
        return pb.ReadDataSource.Response(state=_written(made_up(state, block, request.type_name)))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return pb.GetFunctions.Response()


def block_message(block: Block, *, in_set: bool = False) -> Any:
    """Return a block as the protocol says it."""
    attributes = [_attribute(n, a, in_set=in_set) for n, a in sorted(block["attributes"].items())]
    inner = [_nested(n, b, in_set=in_set) for n, b in sorted(block["blocks"].items())]
    return pb.Schema.Block(attributes=attributes, block_types=inner)


def _schema(block: Block) -> Any:
    return pb.Schema(version=0, block=block_message(block))


def _nested(name: str, nested: Block, *, in_set: bool) -> Any:
    modes = pb.Schema.NestedBlock.NestingMode
    single = nested["nesting"] == "single"
    return pb.Schema.NestedBlock(
        type_name=name,
        block=block_message(nested["block"], in_set=in_set or nested["nesting"] == "set"),
        nesting={"set": modes.SET, "list": modes.LIST, "single": modes.SINGLE}[nested["nesting"]],
        min_items=0 if single else nested["least"],
        max_items=0 if single else nested["most"],
    )


def _attribute(name: str, one: dict[str, Any], *, in_set: bool = False) -> Any:
    message = pb.Schema.Attribute(
        name=name,
        required=one["required"],
        optional=one["optional"],
        computed=one["computed"],
    )
    if one.get("nested") is not None:
        modes = pb.Schema.Object.NestingMode
        by_name = {"set": modes.SET, "list": modes.LIST, "map": modes.MAP, "single": modes.SINGLE}
        inner = [_attribute(n, a) for n, a in sorted(one["nested"].items())]
        nested = pb.Schema.Object(attributes=inner, nesting=by_name[one["nesting"]])
        message.nested_type.CopyFrom(nested)
    else:
        # A type that is found out later is not allowed inside a set.
        kind = "string" if in_set and "dynamic" in json.dumps(one["type"]) else one["type"]
        message.type = json.dumps(kind).encode()
    if one["write_only"]:
        message.MergeFromString(WRITE_ONLY)
    return message


def planned(state: Value, block: Block, *, created: bool) -> Value:
    """Return what a plan says: what the provider computes is unknown, what is secret is gone."""
    for name, one in block["attributes"].items():
        if one["write_only"]:
            state[name] = None
        elif created and one["computed"] and state.get(name) is None:
            state[name] = UNKNOWN
    for inner, nested in _inner_values(state, block):
        planned(inner, nested, created=created)
    return state


def made_up(state: Value, block: Block, kind: str) -> Value:
    """Return the state with a made-up value for whatever is unknown; the same one each time."""
    mark = _mark(kind, state)
    for name, one in block["attributes"].items():
        if _is_unknown(state.get(name)):
            state[name] = _value(one["type"], kind, name, state, mark)
    for inner, nested in _inner_values(state, block):
        made_up(inner, nested, kind)
    for name in block["blocks"]:
        if _is_unknown(state.get(name)):
            state[name] = []
    return state


def _inner_values(state: Value, block: Block) -> list[tuple[Value, Block]]:
    found = []
    for name, nested in block["blocks"].items():
        value = state.get(name)
        values = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        found += [(one, nested["block"]) for one in values if isinstance(one, dict)]
    return found


def _value(kind: Any, owner: str, name: str, state: Value, mark: str) -> Value:
    match kind:
        case "string":
            return _words(owner, name, state, mark)
        case "number":
            return 1
        case "bool":
            return False
        case "dynamic":
            return [b'"string"', mark]
        case ["map", _]:
            return {}
        case ["list" | "set", ["object", fields]]:
            return [{n: _value(k, owner, n, state, mark) for n, k in fields.items()}]
        case ["list" | "set", "string"]:
            return [f"{REGION}{zone}" for zone in "abc"] if name == "names" else [f"{name}-{mark}"]
        case ["object", fields]:
            return {n: _value(k, owner, n, state, mark) for n, k in fields.items()}
        case _:
            return []


def _words(owner: str, name: str, state: Value, mark: str) -> str:
    short = owner.removeprefix("aws_")
    match name:
        case "account_id":
            return ACCOUNT
        case "partition":
            return PARTITION
        case "region":
            return REGION
        case "dns_suffix":
            return "amazonaws.com"
        case "json":
            return "{}"
        case "repository_url":
            return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{state.get('name')}"
        case _ if name == "arn" or name.endswith("_arn"):
            title = state.get("name") or state.get("bucket") or mark
            title = mark if _is_unknown(title) else title
            return f"arn:{PARTITION}:{short.split('_')[0]}:{REGION}:{ACCOUNT}:{short}/{title}"
        case "id":
            return f"{short}-{mark}"
        case _:
            return f"{short}-{name}-{mark}"


def _mark(kind: str, state: Value) -> str:
    told = {name: value for name, value in state.items() if not _is_unknown(value)}
    text = json.dumps(told, sort_keys=True, default=repr)
    return hashlib.sha256(f"{kind}{text}".encode()).hexdigest()[:10]


def broken_documents(config: Value) -> list[str]:
    """Return what is wrong with the policies in a configuration: AWS would refuse them."""
    wrong = []
    for name in DOCUMENTS & config.keys():
        text = config[name]
        if not isinstance(text, str) or not text:
            continue
        try:
            document = json.loads(text)
        except ValueError:
            wrong.append(f"{name} is not JSON: it begins {text[:40]!r}.")
            continue
        if not isinstance(document, dict) or "Statement" not in document:
            wrong.append(f"{name} is JSON, but no policy: it has no Statement.")
    return wrong


def _error(words: str) -> Any:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=words)


def _is_unknown(value: Value) -> bool:
    return isinstance(value, msgpack.ExtType)


def _read(value: Any) -> Value:
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False)
    return json.loads(value.json or "null")


def _written(value: Value) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value, use_bin_type=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
