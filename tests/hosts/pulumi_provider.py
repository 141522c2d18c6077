"""The stand-ins for vendors as Pulumi providers: gRPC servers that the engine is attached to.

`python -m tests.hosts.pulumi_provider` serves them until its input ends, for a name server that the
environment tells; its first line is the value of PULUMI_DEBUG_PROVIDERS.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from .nameserver import NameServer
from .vendors import PACKAGES, Refused, Resource, route53_id

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
GET_ZONE = "aws:route53/getZone:getZone"


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One package. It makes what the engine asks for, at the name server."""

    def __init__(self, package: str, server: NameServer) -> None:
        self.package, self.server = package, server
        self.version, resources = PACKAGES[package]
        self.resources = {resource.token: resource for resource in resources}

    # -- what it is -----------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return proto.PluginInfo(version=self.version)

    def Handshake(self, request: Any, context: Any) -> Any:
        return proto.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetSchema(self, request: Any, context: Any) -> Any:
        return proto.GetSchemaResponse(schema=json.dumps(schema(self.package)))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return proto.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return proto.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        return proto.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

    # -- resources ------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        given = json_format.MessageToDict(request.news)
        kind = self._kind(request.urn)
        known = {*kind.required, *kind.optional}
        failures = [
            proto.CheckFailure(property=name, reason="Missing required property")
            for name in kind.required
            if given.get(name) is None
        ]
        failures += [
            proto.CheckFailure(property=name, reason="there is no such property")
            for name in given
            if name not in known and name != "__defaults"
        ]
        return proto.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        old, new = properties_in(request.old_inputs), properties_in(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        some = proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE
        replaces = [key for key in changed if key in self._kind(request.urn).replaced_by]
        return proto.DiffResponse(
            changes=some, diffs=changed, replaces=replaces, deleteBeforeReplace=bool(replaces)
        )

    def Create(self, request: Any, context: Any) -> Any:
        kind, given = self._kind(request.urn), properties_in(request.properties)
        if request.preview:
            return proto.CreateResponse(properties=self._planned(kind, request.properties))
        with _refusing(context):
            kind.create(self.server, _plain(given))
            made = kind.outputs(_plain(given))
            return proto.CreateResponse(
                id=kind.id(_plain(given)), properties=_struct(_remarked(made, given))
            )

    def Update(self, request: Any, context: Any) -> Any:
        kind, given = self._kind(request.urn), properties_in(request.news)
        if request.preview:
            return proto.UpdateResponse(properties=self._planned(kind, request.news))
        with _refusing(context):
            kind.update(self.server, _plain(properties_in(request.old_inputs)), _plain(given))
            made = kind.outputs(_plain(given))
            return proto.UpdateResponse(properties=_struct(_remarked(made, given)))

    def Delete(self, request: Any, context: Any) -> Any:
        with _refusing(context):
            self._kind(request.urn).delete(self.server, _plain(properties_in(request.old_inputs)))
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        return proto.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok != GET_ZONE:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, request.tok)
        name = properties_in(request.args)["name"].rstrip(".")
        id = route53_id(name)
        return proto.InvokeResponse(**{"return": _struct({"name": name, "zoneId": id, "id": id})})

    def _kind(self, urn: str) -> Resource:
        return self.resources[urn.split("::")[2].rpartition("$")[2]]

    @staticmethod
    def _planned(kind: Resource, given: struct_pb2.Struct) -> struct_pb2.Struct:
        """The properties before the change: what the vendor will add is not known."""
        kept = {key: value for key, value in properties_in(given).items() if key not in kind.hidden}
        return _struct({**kept, **dict.fromkeys(kind.computed, UNKNOWN)})


def schema(package: str) -> dict[str, Any]:
    """The package's schema, from which the YAML host knows properties and their types."""
    version, resources = PACKAGES[package]
    described: dict[str, Any] = {
        "name": package,
        "version": version,
        "provider": {"type": "object"},
        "resources": {resource.token: _described(resource) for resource in resources},
        "functions": {},
        "language": {},
    }
    if package == "aws":
        text = {"type": "string"}
        described["functions"][GET_ZONE] = {
            "inputs": {"type": "object", "properties": {"name": text}},
            "outputs": {
                "type": "object",
                "properties": dict.fromkeys(("id", "name", "zoneId"), text),
                "required": ["id", "name", "zoneId"],
            },
        }
    types: dict[str, Any] = {}
    for resource in described["resources"].values():
        _name_types(package, resource, types)
    return {**described, "types": types}


def _described(resource: Resource) -> dict[str, Any]:
    inputs = {key: _type(kind) for key, kind in {**resource.required, **resource.optional}.items()}
    outputs = {key: value for key, value in inputs.items() if key not in resource.hidden}
    return {
        "inputProperties": inputs,
        "requiredInputs": list(resource.required),
        "properties": {**outputs, **{key: _type(kind) for key, kind in resource.computed.items()}},
        "required": list(resource.computed),
    }


def _type(kind: Any) -> dict[str, Any]:
    match kind:
        case str():
            return {"type": kind}
        case [inner]:
            return {"type": "array", "items": _type(inner)}
        case _:
            return {"type": "object", "properties": {k: _type(v) for k, v in kind.items()}}


def _name_types(package: str, described: dict[str, Any], types: dict[str, Any]) -> None:
    """Give objects within properties the names that a schema wants for them."""
    for side in ("inputProperties", "properties"):
        for name, kind in described[side].items():
            place = kind.get("items", kind)
            if place.get("type") == "object":
                token = f"{package}:index:{name[0].upper()}{name[1:]}"
                types[token] = dict(place)
                place.clear()
                place["$ref"] = f"#/types/{token}"


@contextmanager
def _refusing(context: Any) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def properties_in(given: struct_pb2.Struct) -> dict[str, Any]:
    """The properties as the engine sends them, without what says which are defaults."""
    told = json_format.MessageToDict(given)
    return {key: value for key, value in told.items() if key != "__defaults"}


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(dict(properties), made)
    return made


def _plain(value: Any) -> Any:
    """Properties without the marks of secrets: a vendor is told them."""
    match value:
        case dict() if value.get(_SIGNATURE) == _SECRET:
            return _plain(value["value"])
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _remarked(made: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs, those that were secret as inputs as secrets again."""
    return {
        key: given[key] if key in given and _plain(given[key]) == value else value
        for key, value in made.items()
    }


@contextmanager
def attached(server: NameServer) -> Iterator[str]:
    """Serve every package; gives the value of PULUMI_DEBUG_PROVIDERS."""
    servers, told = [], []
    add: Callable[..., None] = provider_pb2_grpc.add_ResourceProviderServicer_to_server
    for package in PACKAGES:
        each = grpc.server(ThreadPoolExecutor(16))
        add(Provider(package, server), each)
        told.append(f"{package}:{each.add_insecure_port('127.0.0.1:0')}")
        each.start()
        servers.append(each)
    try:
        yield ",".join(told)
    finally:
        for each in servers:
            each.stop(None)


if __name__ == "__main__":
    with attached(NameServer.from_environment()) as providers:
        print(providers, flush=True)
        sys.stdin.read()
