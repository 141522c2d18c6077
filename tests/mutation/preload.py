"""Import what mutants have in common, before the first fork."""

from __future__ import annotations

import contextlib
import importlib

LIBRARIES = """
    _pytest.assertion.rewrite hypothesis hypothesis.strategies hypothesis.extra
    lark dns.zone dns.message dns.rdataset dns.resolver yaml click rich.console idna
    cryptography.hazmat.primitives.serialization cryptography.hazmat.primitives.asymmetric.rsa
    publicsuffixlist defusedxml.ElementTree ipaddress tomllib email unittest.mock
""".split()


def preload() -> None:
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
