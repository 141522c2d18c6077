"""What a process of a run says to the one that it was forked from, in octets.

Rules, and records of zones that both hold, are named; of other records what is told goes along.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from typing import Any

from zonelint.grammars.zone import Record
from zonelint.rules.core.rule import Rule


class Packing:
    """Packs for who has the same rules, and these records of before the processes were forked."""

    def __init__(self, rules: Sequence[Rule], records: Mapping[int, Record] | None = None) -> None:
        self.records = records or {}
        self.known: dict[str, Mapping[Any, Rule] | Mapping[Any, Record]] = {
            "rule": {rule.code: rule for rule in rules},
            "record": self.records,
        }

    def pack(self, said: object) -> bytes:
        octets = io.BytesIO()
        _Pickler(octets, self.records).dump(said)
        return octets.getvalue()

    def unpack(self, octets: bytes) -> Any:
        return _Unpickler(io.BytesIO(octets), self).load()


class _ToldRecord(Record):
    """A record of a zone that another process holds: what of it is told."""

    __slots__ = ("_rdata",)

    def __init__(self, owner: str, type: str, ttl: int | None, rdata: str) -> None:
        self.owner = owner
        self.type = type
        self.ttl = ttl
        self._rdata = rdata

    @property
    def rdata(self) -> str:
        return self._rdata


class _Pickler(pickle.Pickler):
    """Leaves out what both processes have, or what nobody asks for."""

    def __init__(self, file: io.BytesIO, records: Mapping[int, Record]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._records = records

    def persistent_id(self, obj: object) -> tuple[str, str | int] | None:
        if isinstance(obj, Rule):
            return "rule", obj.code
        return ("record", id(obj)) if id(obj) in self._records else None

    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, Record):
            return _ToldRecord, (obj.owner, obj.type, obj.ttl, obj.rdata)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads what a process of this run has written, and nothing else."""

    def __init__(self, file: io.BytesIO, packing: Packing) -> None:
        super().__init__(file)
        self._packing = packing

    def persistent_load(self, pid: tuple[str, str | int]) -> Rule | Record:
        kind, key = pid
        return self._packing.known[kind][key]
