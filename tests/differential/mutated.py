"""Zones and octoDNS YAML made of others by mutation, in batches, for two readers to read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fuzz.corpus import seeds
from tests.fuzz.mutate import Mutator

BATCH = 500
_LARGEST = 1 << 12
_HEAD = b"$ORIGIN example.com.\n$TTL 3600\n"


def zones(number: int, seed: int) -> Iterator[dict[str, str]]:
    """Zone files that include no other, by a name."""
    corpus = [_first_part(text).removeprefix(_HEAD) for text in seeds("zone")]
    for batch in _batches(corpus, number, seed):
        yield {
            name: (_HEAD + text.replace(b"$INCLUDE", b"$ORIGIN")).decode("utf-8", "surrogateescape")
            for name, text in batch.items()
        }


@contextmanager
def _files(texts: dict[str, bytes]) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name, text in texts.items():
            path = Path(folder, name, "example.com.yaml")
            path.parent.mkdir()
            path.write_bytes(text)
            found[str(path)] = text.decode("utf-8", "surrogateescape")
        yield found


def yaml(number: int, seed: int) -> Iterator[dict[str, str]]:
    """octoDNS YAML by the path of its file, which is there while the batch is looked at."""
    from tests.providers.octodns.test_yaml_as_octodns import CORPUS

    corpus = [*map(_first_part, seeds("octodns")), *(text.encode() for text in CORPUS.values())]
    for batch in _batches(corpus, number, seed):
        with _files(batch) as files:
            yield files


def _batches(corpus: list[bytes], number: int, seed: int) -> Iterator[dict[str, bytes]]:
    mutate = Mutator(seed, corpus)
    for start in range(0, number, BATCH):
        yield {
            f"mutated-{seed}-{index}": mutate(mutate.random.choice(corpus), _LARGEST)
            for index in range(start, min(start + BATCH, number))
        }


def _first_part(text: bytes) -> bytes:
    """The zone of an input of several parts: its configuration and lock are behind it."""
    return text.partition(b"\n=== ")[0] + b"\n"
