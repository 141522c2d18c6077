"""What holds for every test."""

from __future__ import annotations

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
