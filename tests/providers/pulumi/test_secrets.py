"""The marks of secrets, which the policy SDK drops before it calls a policy."""

from __future__ import annotations

import pytest
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, deserialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from zonelint.providers.pulumi import secrets
from zonelint.providers.pulumi.judging import StackJudge
from zonelint.providers.pulumi.settings import StackSettings
from zonelint.providers.resources.kinds import ResourceWorld
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.values import UNKNOWN, Hidden


def secret(value: object) -> dict[str, object]:
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


PROPS = {
    "text": "a",
    "number": 1.0,
    "secret": secret("b"),
    "list": ["a", secret("b"), {"c": secret("d")}],
    "whole": secret(["a", {"c": 2.0}, True]),
    "unknown": UNKNOWN_STRING_VALUE,
    "both": secret(UNKNOWN_STRING_VALUE),
}
TREE = {
    "text": "a",
    "number": 1.0,
    "secret": Hidden("b"),
    "list": ["a", Hidden("b"), {"c": Hidden("d")}],
    "whole": [Hidden("a"), {"c": Hidden(2.0)}, True],
    "unknown": UNKNOWN,
    "both": UNKNOWN,
}


def test_validate_sees_what_is_secret() -> None:
    assert secrets.keep_marks()
    assert secrets.keep_marks()  # it is put in its place once
    props = unknown_checking_proxy(sdk.deserialize_properties(PROPS))
    assert props["secret"] == "b"  # other policies see what they always saw
    assert secrets.tree(props, PROPS) == TREE


def test_remediate_sees_what_is_secret() -> None:
    assert secrets.keep_marks()
    props = unknown_checking_proxy(sdk.deserialize_properties(PROPS, True))
    found = secrets.tree(props, PROPS)
    assert found == {**TREE, "whole": Hidden(["a", {"c": 2.0}, True]), "both": Hidden(UNKNOWN)}


def test_nothing_is_changed_where_nothing_is_secret() -> None:
    assert secrets.keep_marks()
    plain = {key: value for key, value in PROPS.items() if key in ("text", "number", "unknown")}
    assert sdk.deserialize_properties(plain) == deserialize_properties(plain)


def test_a_later_sdk_without_the_place_hides_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sdk, "deserialize_properties")
    assert not secrets.keep_marks()
    judge = StackJudge(StackSettings().for_policy("mail-records", None), safe=False)
    kind = judge.kind("aws:route53/record:Record")
    assert kind is not None
    props = {"name": "example.com", "type": "TXT", "records": ["v=spf1 ip4:203.0.113.9 +all"]}
    values = judge.values(kind, props)
    verdict = judge.of_record(Resource("urn", kind, ResourceWorld.PULUMI, values))
    (finding,) = [each for each in verdict.findings if each.code == "SPF201"]
    assert finding.change is None
    assert "203.0.113.9" not in f"{finding.message} {finding.advice}"
