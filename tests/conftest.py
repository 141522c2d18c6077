"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No test asserts a time: neither hypothesis, nor a machine that is busy with something else.
settings.register_profile(
    "zonelint", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("zonelint")
