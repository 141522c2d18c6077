"""One door to plans: Terraform's, OpenTofu's and Pulumi's, by what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelint.providers.files import DISK, Files

if TYPE_CHECKING:
    from zonelint.providers.resources.plans import Plan
    from zonelint.rules.config.intent import Intent


def read_plan(
    path: str,
    data: bytes | None = None,
    intent: Intent | None = None,
    taken: int = 0,
    disk: Files = DISK,
) -> Plan:
    """The plan of a file, or of octets that were read already. Raises PlanError.

    taken: numbers of stand-ins for zones that other readers of the run have.
    """
    from zonelint.providers.pulumi.plans import preview
    from zonelint.providers.pulumi.plans.document import is_pulumi
    from zonelint.providers.terraform import plan as terraform

    document = terraform.load(terraform.octets_of(path, disk) if data is None else data)
    if is_pulumi(document):
        return preview.read(document, path, intent, taken)
    return terraform.read_document(document, path, intent, taken)
