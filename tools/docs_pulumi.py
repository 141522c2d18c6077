"""What Pulumi shows on a page: asked of the example's pack and program, without Pulumi's own CLI.

    python tools/docs_pulumi.py policies PACK
    python tools/docs_pulumi.py analyze PACK TYPE PROPERTIES
    python tools/docs_pulumi.py resources PROGRAM

The pack is started as the engine starts it and asked over gRPC, by the tests' stand-in for the
engine. A program runs under Pulumi's own mocks; what it would create is listed.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def policies(pack: str) -> None:
    """The policies of a pack with their levels."""
    from tests.providers.pulumi.engine import LEVELS, analyzer

    with analyzer(Path(pack)) as engine:
        for policy in engine.info().policies:
            print(f"{policy.name:<20}  {LEVELS[policy.enforcementLevel]:<9}  {policy.description}")


def analyze(pack: str, type: str, properties: str) -> None:
    """What the pack says about one resource."""
    from tests.providers.pulumi.engine import analyzer

    with analyzer(Path(pack)) as engine:
        for level, text in engine.analyze(type, json.loads(properties)):
            print(f"[{level}] {text}")


def resources(program: str) -> None:
    """What a program would create: type, name, and the properties that tell."""
    import asyncio

    import pulumi

    made: list[tuple[str, str, dict[str, Any]]] = []

    class Mocks(pulumi.runtime.Mocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
            made.append((args.typ, args.name, dict(args.inputs)))
            return f"{args.name}-id", dict(args.inputs)

        def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
            return {}

    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(Mocks(), preview=False)

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(program)

    run()
    for type, name, inputs in made:
        values = inputs.get("records") or inputs.get("content") or ""
        shown = ", ".join(values) if isinstance(values, list) else values
        print(f"{type}  {name}")
        if shown:
            print(f"    {inputs.get('name')} {inputs.get('type')} {shown}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    {"policies": policies, "analyze": analyze, "resources": resources}[sys.argv[1]](*sys.argv[2:])
