"""Providers for every package of the table of resource types.

Their resources have the properties that the table knows, which a test of the table holds to the
vendors' SDKs. They take what they are given and give back what the SDK gives back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from zonelint.providers.resources.kinds import RecordKind, ResourceWorld
from zonelint.providers.resources.table import shipped

from .pulumi_provider import Provider, properties_in

VERSION = "1.0.0"
KINDS: dict[str, RecordKind] = {
    token: kind for token, kind in shipped().records.items() if token in kind.tokens
}
"""The kinds of records, by what Pulumi calls them."""


class TableProvider(Provider):
    """One package, as far as the table knows it."""

    def __init__(self, package: str) -> None:
        self.package, self.version = package, VERSION
        self.kinds = {token: kind for token, kind in KINDS.items() if _package(token) == package}

    def GetSchema(self, request: Any, context: Any) -> Any:
        resources = {token: _described(kind) for token, kind in self.kinds.items()}
        schema = {"name": self.package, "version": VERSION, "provider": {"type": "object"},
                  "resources": resources, "functions": {}, "language": {}}  # fmt: skip
        return proto.GetSchemaResponse(schema=json.dumps(schema))

    def Check(self, request: Any, context: Any) -> Any:
        return proto.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        old, new = properties_in(request.old_inputs), properties_in(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        some = proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=some, diffs=changed)

    def Create(self, request: Any, context: Any) -> Any:
        _, _, type, name = request.urn.split("::")
        given = proto.CreateResponse(properties=request.properties).properties
        kind = self.kinds[type.rpartition("$")[2]]
        if request.preview:
            for property in {*kind.given_back.values(), kind.fqdn} - {None}:
                given[property] = UNKNOWN
        for property in kind.given_back:
            given.fields.pop(property, None)
        return proto.CreateResponse(properties=given, id="" if request.preview else name)

    def Update(self, request: Any, context: Any) -> Any:
        return proto.UpdateResponse(properties=request.news)

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def _package(token: str) -> str:
    return token.partition(":")[0]


def _described(kind: RecordKind) -> dict[str, Any]:
    anything = {"$ref": "pulumi.json#/Any"}
    inputs = dict.fromkeys(kind.properties(ResourceWorld.PULUMI), anything)
    outputs = {key: value for key, value in inputs.items() if key not in kind.given_back}
    return {"inputProperties": inputs, "properties": outputs}


@contextmanager
def attached_table() -> Iterator[str]:
    """Serve every package; gives the value of PULUMI_DEBUG_PROVIDERS."""
    servers, told = [], []
    add: Callable[..., None] = provider_pb2_grpc.add_ResourceProviderServicer_to_server
    for package in sorted({_package(token) for token in KINDS}):
        each = grpc.server(ThreadPoolExecutor(4))
        add(TableProvider(package), each)
        told.append(f"{package}:{each.add_insecure_port('127.0.0.1:0')}")
        each.start()
        servers.append(each)
    try:
        yield ",".join(told)
    finally:
        for each in servers:
            each.stop(None)
