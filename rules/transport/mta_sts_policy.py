"""STS003: MTA-STS policy files that do not go with the mail exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.tags import sts_policy
from zonelint.grammars.tags.sts_policy import StsPolicy
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.mail.behind import texts_at
from zonelint.rules.model.declaring import declared_in
from zonelint.rules.model.subjects import MailZone, Sts


@rule(
    "STS003",
    "mta-sts-policy",
    Severity.WARNING,
    on=MailZone,
    about=Sts,
    needs=Needs.DNS,
    section="RFC 8461 §3.2, §4.1",
)
def mta_sts_policy(zone: MailZone) -> Iterator[Found | Unknown]:
    """The MTA-STS policy file does not protect the domain's mail, or blocks it.

    What it finds
        In the policy file that zonelint.toml names for a domain (`mta-sts.policy`): exchanges of
        the domain that no `mx` line allows, an error where the mode is enforce; the modes `testing`
        and `none`; files that senders cannot use; and, where a change is judged, a file that
        changes while the `id` of the record at `_mta-sts` does not. Undecided where a change adds
        an exchange to a domain with such a record, and no file is named.
    Why it matters
        Under `enforce` senders do not deliver to an exchange that the policy does not name: mail
        bounces. Under the other modes nothing is protected.
    Example
        `mx: mail.example.com` in the file, and `@ MX 10 mx1.example.net.` in the zone
    Use instead
        `mode: enforce` and an `mx` line for every exchange; then a new `id` in the record at
        `_mta-sts`, so that senders fetch the file again.
    References
        RFC 8461 §3.2, §4.1, §5
    """
    named = {domain.name: domain.mta_sts_policy for domain in declared_in(zone)}
    for name in (owner.removeprefix("_mta-sts.") for owner in zone.sts):
        if named.get(name) is None and _adds_exchange(zone, name):
            yield zone.unknown(name, "the policy file of MTA-STS (`mta-sts.policy`)")
    for domain in declared_in(zone):
        path = domain.mta_sts_policy
        if path is None:
            continue
        text = zone.context.files.get(path)
        if text is None:
            yield zone.unknown(domain.name, path)
            continue
        policy = sts_policy.parse(text)
        faults = policy.faults()
        for fault in faults:
            yield _report(
                zone,
                domain.name,
                f"{path} {fault}, so senders do not use MTA-STS",
                "Correct the file.",
            )
        if not faults:
            yield from _of_policy(zone, domain.name, path, policy)
            yield from _of_change(zone, domain.name, path, policy)


def _of_policy(zone: MailZone, domain: str, path: str, policy: StsPolicy) -> Iterator[Found]:
    if policy.mode == "none":
        yield _report(
            zone, domain, f"{path} has `mode: none`, so senders do not use MTA-STS",
            "Write `mode: enforce`, or remove the record at `_mta-sts` once `max_age` has passed.",
        )  # fmt: skip
        return
    mx = zone.mx(domain)
    patterns = [entry.value for entry in policy.mx]
    for record in () if mx is None else mx:
        target = record.target
        if target == "." or any(sts_policy.matches(pattern, target) for pattern in patterns):
            continue
        effect = (
            "so senders that honour MTA-STS do not deliver to it"
            if policy.mode == "enforce"
            else "so under `mode: enforce` no mail would be delivered to it"
        )
        yield zone.at(
            record,
            f"No `mx` line in {path} allows the exchange {without_dot(target)}, {effect}",
            f"Add mx: {without_dot(target)} to the file, and give the record at `_mta-sts` a new "
            "`id`.",
            severity=Severity.ERROR if policy.mode == "enforce" else None,
            span=record.fields[-1].span,
        )
    if policy.mode == "testing":
        yield _report(
            zone, domain, f"{path} has `mode: testing`, so mail still goes to any server",
            "Write `mode: enforce` once the TLS reports show no failures, and a new `id`.",
        )  # fmt: skip


def _adds_exchange(zone: MailZone, domain: str) -> bool:
    """Whether a change adds an exchange where senders may hold a policy that does not name it."""
    before = zone.previous
    if before is None or not _records(before, domain):
        return False
    old, new = (
        {record.target for record in side.mx(domain) or ()} - {"."} for side in (before, zone)
    )
    return bool(old and new - old)


def _of_change(zone: MailZone, domain: str, path: str, policy: StsPolicy) -> Iterator[Found]:
    """A new policy behind an old id: senders that hold the old one never ask for it (§3.1)."""
    previous = zone.context.previous
    text = None if previous is None else previous.files.get(path)
    if previous is None or text is None or sts_policy.parse(text).entries == policy.entries:
        return
    before = zone.previous
    old = [] if before is None else [sts.ast.id for sts in _records(before, domain)]
    for record in _records(zone, domain):
        tag = record.ast.tag("id")
        if tag is not None and record.ast.id is not None and record.ast.id in old:
            yield record.at(
                tag,
                f"{path} changes but the `id` is still `{record.ast.id}`, so senders use the old "
                "policy until it expires",
                "Give the record a new `id`, such as the date and time.",
            )


def _records(zone: MailZone, domain: str) -> Sequence[Sts]:
    return texts_at(zone, zone.sts, Sts, f"_mta-sts.{domain}")


def _report(zone: MailZone, domain: str, message: str, advice: str) -> Found:
    records = _records(zone, domain)
    if records:
        return records[0].whole(message, advice)
    return zone.missing(f"_mta-sts.{domain}", "TXT", message, advice)


_CONFIG = '[domains."example.com"]\nmta-sts.policy = "mta-sts.txt"\n'
_ZONE = """
    @ MX 10 mail
    @ MX 20 mx1.mail.example.net.
    _mta-sts TXT "v=STSv1; id=20261124"
    """


def _policy(mode: str, *mx: str) -> str:
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx), "max_age: 604800"]
    return "\r\n".join([*lines, ""])


_BOTH = ("mail.example.com", "*.mail.example.net")

mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy=_policy("enforce", "mail.example.com"))
mta_sts_policy.bad(
    zone=_ZONE, config=_CONFIG, policy=_policy("enforce", *_BOTH[:1], "*.example.net")
)
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy=_policy("testing", *_BOTH))
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy=_policy("none"))
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy=_policy("force", *_BOTH))
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy="mode=enforce\n")
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy=_policy("enforce", _BOTH[0] + ".", _BOTH[1]))
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, policy="\ufeff" + _policy("enforce", *_BOTH))
mta_sts_policy.bad(
    zone=_ZONE, config=_CONFIG, policy=_policy("enforce", *_BOTH).replace("mode", "Mode")
)
mta_sts_policy.bad(
    zone=_ZONE, config=_CONFIG, policy=_policy("enforce", *_BOTH).replace("mode:", "mode :")
)
mta_sts_policy.bad(zone=_ZONE, config=_CONFIG, undecided=True)
mta_sts_policy.good(zone=_ZONE, config=_CONFIG, policy=_policy("enforce", *_BOTH))
mta_sts_policy.good(zone=_ZONE, config=_CONFIG, policy=_policy("enforce", *_BOTH).replace("\r", ""))
mta_sts_policy.good(zone=_ZONE)
mta_sts_policy.bad(zone=_ZONE, before=_ZONE.replace("mx1.", "mx2."), undecided=True)
mta_sts_policy.good(zone=_ZONE, before=_ZONE.replace("mx1", "MX1"))
mta_sts_policy.good(zone=_ZONE, before=_ZONE.replace("_mta-sts", "mta-sts"))
mta_sts_policy.good(
    zone="@ MX 0 .",
    config=_CONFIG,
    policy=_policy("enforce", "mail.example.com"),
)
mta_sts_policy.bad(
    zone=_ZONE,
    before=_ZONE,
    config=_CONFIG,
    policy=_policy("enforce", *_BOTH),
    policy_before=_policy("testing", *_BOTH),
)
mta_sts_policy.good(
    zone=_ZONE,
    before=_ZONE.replace("id=20261124", "id=20261001"),
    config=_CONFIG,
    policy=_policy("enforce", *_BOTH),
    policy_before=_policy("testing", *_BOTH),
)
mta_sts_policy.good(
    zone=_ZONE,
    before=_ZONE,
    config=_CONFIG,
    policy=_policy("enforce", *_BOTH),
    policy_before=_policy("enforce", *_BOTH).replace("\r", ""),
)
