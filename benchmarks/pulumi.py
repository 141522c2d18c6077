"""Records a second through the policy pack: `python -m benchmarks.pulumi [--records N]`.

The pack is started as the engine starts it and analysed over gRPC, one record after the other, as
the engine does it. The same number of policies that do nothing run in a pack beside it: what they
take is the SDK's own time, its transport and its copying of every resource for every policy.
The two take turns, round by round; the best round of each counts.
"""

import argparse
import itertools
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from benchmarks import zones
from benchmarks.values import Form, host_address

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "examples" / "pulumi-policy-pack"
ROUNDS = 5
NOTHING = """
from pulumi_policy import PolicyPack, ResourceValidationPolicy
from zonelint.providers.pulumi import policies

def nothing(args, report):
    pass

PolicyPack("nothing", [
    ResourceValidationPolicy(policy.name, policy.description, validate=nothing)
    for policy in policies()
    if isinstance(policy, ResourceValidationPolicy) and policy.has_validation()
])
"""


def records() -> Iterator[tuple[str, str, list[str]]]:
    """Owner, type and values, five for each domain."""
    for number in itertools.count():
        name = zones.name_of(number)
        spf, dmarc, _ = zones.microsoft365_texts(number, Form.CLEAN)
        yield name, "TXT", [spf]
        yield f"_dmarc.{name}", "TXT", [dmarc]
        yield f"selector1._domainkey.{name}", "CNAME", [zones.dkim_target(number, 1)]
        yield name, "MX", [f"0 {zones.exchange(number)}"]
        yield f"www.{name}", "A", [host_address(number)]


def requests(count: int) -> list[proto.AnalyzeRequest]:
    """Records as a stack of many domains has them, most of them about mail."""
    made = []
    for number, (owner, type, values) in zip(range(count), records(), strict=False):
        props = struct_pb2.Struct()
        json_format.ParseDict(
            {"zoneId": "Z1", "name": owner, "type": type, "ttl": 3600, "records": values}, props
        )
        name = f"record{number}"
        token = "aws:route53/record:Record"
        urn = f"urn:pulumi:prod::dns::{token}::{name}"
        made.append(proto.AnalyzeRequest(type=token, properties=props, urn=urn, name=name))
    return made


@contextmanager
def started(pack: Path) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """A pack in a process of its own."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()


def seconds(stub: analyzer_pb2_grpc.AnalyzerStub, analysed: list[proto.AnalyzeRequest]) -> float:
    """How long it takes to analyse the records once."""
    start = time.perf_counter()
    for request in analysed:
        stub.Analyze(request)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=5000)
    count = parser.parse_args().records
    analysed = requests(count)
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder)
        (nothing / "__main__.py").write_text(NOTHING)
        (nothing / "PulumiPolicy.yaml").write_text("runtime: python\n")
        with started(PACK) as pack, started(nothing) as empty:
            for stub in (pack, empty):
                seconds(stub, analysed[:200])
            for _ in range(ROUNDS):
                ours.append(seconds(pack, analysed))
                theirs.append(seconds(empty, analysed))
    best, sdk = min(ours), min(theirs)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    print(f"{count:,} records in {best:.2f} s: {count / best:,.0f} records a second")
    print(f"{sdk:.2f} s of it, {sdk / best:.0%}, is the SDK's own (policies that do nothing)")


if __name__ == "__main__":
    main()
