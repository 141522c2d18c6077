"""Secrets in policies: the marks that the policy SDK drops, and the properties as a plain tree.

Before the SDK calls `validate` it takes the mark off every secret (pulumi_policy/deserialize.py),
so that a policy cannot tell a secret from any other text. What is secret must not be printed, so
the marks are kept here: `keep_marks` puts a function in the place of the SDK's own that gives the
same values, those that are secret as `SecretText` and `SecretNumber`. Where a later SDK has no
such place, every value counts as secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pulumi_policy import policy as sdk
from pulumi_policy import proxy
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.proxy import UnknownValueError
from pulumi_policy.secret import Secret

from ..resources.values import UNKNOWN, Hidden

_PLACE = "deserialize_properties"
_TARGET = "__target"

_SENTINELS = frozenset(
    value
    for name, value in vars(proxy).items()
    if name.startswith("UNKNOWN_") and isinstance(value, str)
)


class SecretText(str):
    """A text that must not be shown."""

    __slots__ = ()


class SecretNumber(float):
    """A number that must not be shown."""

    __slots__ = ()


def keep_marks() -> bool:
    """See to it that secrets can be told from other values; False where that cannot be done."""
    original = getattr(sdk, _PLACE, None)
    if original is None:
        return False
    if not isinstance(original, _Keeping):
        setattr(sdk, _PLACE, _Keeping(original))
    return True


class _Keeping:
    """The SDK's function with the marks of secrets kept on texts and numbers."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self._original = original

    def __call__(self, props: dict[str, Any], proxy_secrets: bool = False) -> Any:
        if proxy_secrets or not _has_secret(props):
            return self._original(props, proxy_secrets)
        return _marked(self._original(props, True), secret=False)


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG or any(
            map(_has_secret, value.values())
        )
    return isinstance(value, list) and any(map(_has_secret, value))


def _marked(value: Any, *, secret: bool) -> Any:
    if isinstance(value, Secret):
        return _marked(value.value, secret=True)
    value = _target(value)
    if isinstance(value, dict):
        return {key: _marked(inner, secret=secret) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, secret=secret) for inner in value]
    if not secret or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return SecretText(value)
    return SecretNumber(value) if isinstance(value, int | float) else value


def tree(props: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """The wanted properties as plain values, with what is unknown and secret marked.

    A property that is not there is left out.
    """
    found: dict[str, Any] = {}
    raw = _target(props)
    for name in wanted:
        try:
            if name in raw:
                found[name] = _plain(raw[name])
        except UnknownValueError:
            found[name] = UNKNOWN
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return Hidden(_plain(value.value))
    if isinstance(value, str):
        if value in _SENTINELS:
            return UNKNOWN
        return Hidden(str(value)) if isinstance(value, SecretText) else value
    if isinstance(value, SecretNumber):
        return Hidden(float(value))
    value = _target(value)
    if isinstance(value, Mapping):
        return {key: _element(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_element(value, index) for index in range(len(value))]
    return value


def _element(around: Any, key: Any) -> Any:
    try:
        return _plain(around[key])
    except UnknownValueError:
        return UNKNOWN


def _target(value: Any) -> Any:
    """What stands behind one of the SDK's proxies, with its secrets still marked."""
    proxied: Any = value
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str | bytes | list | dict):
        with suppress(KeyError, TypeError, IndexError):
            return proxied[_TARGET]
    return value


def unplain(value: Any) -> Any:
    """A value of the tree as the SDK takes it back: what is secret in the SDK's own wrapping."""
    if isinstance(value, Hidden):
        return Secret(unplain(value.value))
    if isinstance(value, dict):
        return {key: unplain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [unplain(inner) for inner in value]
    return value
