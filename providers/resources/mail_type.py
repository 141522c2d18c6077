"""How a resource of an unknown type says that it is an MX record."""

from __future__ import annotations

TYPE_KEY = r"(?:(?:dns|record|rr|r)[_-]?){0,3}type"
"""A property with the type of a record: `type`, `record_type`, `RecordType`, `rrtype`."""

MX_TYPE = rf"""(?<![\w-]){TYPE_KEY}["']?\s*[=:]\s*["']?MX["']?(?![\w-])"""
"""The same with its value, as it is written in HCL, JSON and YAML."""
