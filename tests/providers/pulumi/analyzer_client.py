"""A client of a policy pack's analyzer, which asks it over gRPC what no program can make happen.

What Pulumi's engine does with a pack is tested with the engine, in `tests/hosts`. Here are the
requests that it does not send, or not with providers that can be had: malformed properties, each
provider of the table, marks of secrets and of unknown values at every place.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

UNKNOWN = UNKNOWN_STRING_VALUE
"""What stands in properties for a text that is known only after the change."""

LEVELS = {0: "advisory", 1: "mandatory", 2: "disabled", 3: "remediate"}
ENVIRONMENT = {
    "PULUMI_PROJECT": "mail",
    "PULUMI_STACK": "test",
    "PULUMI_DRY_RUN": "true",
    "PULUMI_ORGANIZATION": "organization",
    "PULUMI_CONFIG": "{}",
}


def secret(value: Any) -> dict[str, Any]:
    """A value as the engine sends a secret."""
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


def urn(type: str, name: str) -> str:
    return f"urn:pulumi:test::mail::{type}::{name}"


def struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    json_format.ParseDict(dict(props), found)
    return found


class AnalyzerClient:
    """The other side of one analyzer."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = analyzer_pb2_grpc.AnalyzerStub(channel)

    def configure(self, **policies: Mapping[str, Any]) -> None:
        """Give policies their configuration; underscores in the names stand for dashes.

        `enforcementLevel` in it is a number of the protocol, 1 (mandatory) unless told.
        """
        told = {}
        for name, config in policies.items():
            level = config.get("enforcementLevel")
            props = {key: value for key, value in config.items() if key != "enforcementLevel"}
            name = name.replace("_", "-")
            told[name] = proto.PolicyConfig(
                enforcementLevel=self.levels()[name] if level is None else level,
                properties=struct(props),
            )
        self.stub.Configure(proto.ConfigureAnalyzerRequest(policyConfig=told))

    def levels(self) -> dict[str, int]:
        """The level of each policy, by name."""
        return {policy.name: policy.enforcementLevel for policy in self.info().policies}

    def info(self) -> Any:
        """What the analyzer says of itself."""
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty())

    def analyze(
        self, type: str, props: Mapping[str, Any], name: str = "record"
    ) -> list[tuple[str, str]]:
        """The diagnostics about a resource: the level of each and its text."""
        request = proto.AnalyzeRequest(
            type=type, properties=struct(props), urn=urn(type, name), name=name
        )
        answer = self.stub.Analyze(request)
        assert all(each.urn == urn(type, name) for each in answer.diagnostics), answer
        return [(LEVELS[each.enforcementLevel], each.message) for each in answer.diagnostics]

    def remediate(self, type: str, props: Mapping[str, Any]) -> dict[str, Any] | None:
        """The properties after remediation; None where nothing is changed."""
        request = proto.AnalyzeRequest(
            type=type, properties=struct(props), urn=urn(type, "record"), name="record"
        )
        answer = self.stub.Remediate(request)
        if not answer.remediations:
            return None
        assert not answer.remediations[0].diagnostic, answer
        return json_format.MessageToDict(answer.remediations[-1].properties)

    def stack(self, *resources: proto.AnalyzerResource) -> list[tuple[str, str, str]]:
        """The diagnostics about a stack: the level of each, its text and its URN."""
        answer = self.stub.AnalyzeStack(proto.AnalyzeStackRequest(resources=resources))
        return [
            (LEVELS[each.enforcementLevel], each.message, each.urn) for each in answer.diagnostics
        ]


def resource(
    type: str,
    name: str,
    props: Mapping[str, Any],
    depends: Mapping[str, Sequence[str]] | None = None,
    provider: str | None = None,
) -> proto.AnalyzerResource:
    """A resource of a stack. depends: the URNs that a property depends on.

    provider: the package that makes it; a component has none.
    """
    made_by = None
    if provider is not None:
        made_by = proto.AnalyzerProviderResource(
            type=f"pulumi:providers:{provider}",
            name="default",
            urn=urn(f"pulumi:providers:{provider}", "default"),
        )
    return proto.AnalyzerResource(
        type=type,
        name=name,
        urn=urn(type, name),
        properties=struct(props),
        provider=made_by,
        propertyDependencies={
            property: proto.AnalyzerPropertyDependencies(urns=urns)
            for property, urns in (depends or {}).items()
        },
    )


@contextmanager
def analyzer(pack: Path) -> Iterator[AnalyzerClient]:
    """Start a pack: `python -u -m pulumi.policy ENGINE PACK`, its port on the first line."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, **ENVIRONMENT}, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                client = AnalyzerClient(channel)
                client.stub.ConfigureStack(
                    proto.AnalyzerStackConfigureRequest(
                        stack="test", project="mail", organization="organization", dry_run=True
                    )
                )
                yield client
        finally:
            process.terminate()
