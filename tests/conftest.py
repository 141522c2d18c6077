"""What holds for every test."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# No test asserts a time: neither hypothesis, nor a machine that is busy with something else. The
# examples are the same in every run, so that a change is never refused for what it did not cause;
# new ones are sought by `python -m tests.fuzz` and by `pytest --hypothesis-profile=explore`.
settings.register_profile(
    "zonelint",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=True,
)
settings.register_profile("explore", settings.get_profile("zonelint"), derandomize=False)
settings.load_profile("zonelint")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of octets by its place: what they hold may differ from process to process (the
    time in a gzip header), and parallel runs need the same names."""
    return argname if isinstance(val, bytes) else None


MANY = 40
"""Tests of one file that parallel runs hand out together: what they share is made once. The others
are handed out one by one, at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    sizes = Counter(item.path for item in items)
    for item in items:
        if sizes[item.path] >= MANY and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
