"""A folder of Terraform files: its blocks by what they declare, each read when it is asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.providers.files import DISK, Files, TooLarge, reason_of
from zonelint.providers.hcl.blocks import Block, divide
from zonelint.providers.hcl.json_syntax import JsonReader
from zonelint.providers.hcl.syntax import Body, Node, SyntaxFault, read_assignment, read_block
from zonelint.providers.zonefile.reader import ReadError

from .find import ENDINGS, LARGEST_FILE, TOFU

Key = tuple[str, ...]


@dataclass(slots=True)
class Module:
    """What a folder declares. Keys of resources are mode, type and name."""

    folder: str
    sources: list[SourceText] = field(default_factory=list)
    variables: dict[str, Block] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    resources: dict[Key, Block] = field(default_factory=dict)
    adopted: list[Block] = field(default_factory=list)
    """Blocks that say what is there already, or stays there (`import`, `removed`)."""
    problems: list[ReadError] = field(default_factory=list)
    values: dict[str, Node] = field(default_factory=dict)
    """Values that files of variables give, for a folder that is the root."""
    taken: dict[str, dict[str, Node]] = field(default_factory=dict)
    """The values of each of these files, by its path."""
    replaced: list[tuple[Block, str]] = field(default_factory=list)
    """Blocks of which Terraform and OpenTofu read one each, or only one of them any; the files."""
    _locals: list[Block] = field(default_factory=list)
    _named: dict[str, Node] | None = None
    _bodies: dict[tuple[str, int], Body | None] = field(default_factory=dict)
    _overrides: dict[tuple[str, int], list[Block]] = field(default_factory=dict)

    def body(self, block: Block) -> Body | None:
        """What stands in a block; None where it cannot be read, which is a problem told once."""
        key = (block.source.path, block.start)
        if key not in self._bodies:
            try:
                body = read_block(block)
                for other in self._overrides.get(key, ()):
                    _override(body, read_block(other))
                self._bodies[key] = body
            except SyntaxFault as error:
                self._bodies[key] = None
                self._refuse(error)
        return self._bodies[key]

    @property
    def locals(self) -> dict[str, Node]:
        """The local values by name."""
        if self._named is None:
            bodies = [body for block in self._locals if (body := self.body(block)) is not None]
            self._named = {name: node for b in bodies for name, node in b.attributes.items()}
        return self._named

    def _refuse(self, error: SyntaxFault) -> None:
        self.problems.append(read_error(error))

    # -- reading ---------------------------------------------------------------------------------

    def take(self, source: SourceText) -> None:
        """Add a file of the folder."""
        self.sources.append(source)
        is_override = _OVERRIDE.search(source.path) is not None
        for block in self._blocks(source):
            table: dict[Any, Block]
            key: Any
            match block.type, block.labels:
                case "resource", (type, name):
                    table, key = self.resources, ("managed", type, name)
                case "data", (type, name):
                    table, key = self.resources, ("data", type, name)
                case "variable", (name,):
                    table, key = self.variables, name
                case "output", (name,):
                    table, key = self.outputs, name
                case "module", (name,):
                    table, key = self.calls, name
                case "locals", ():
                    self._locals.append(block)
                    continue
                case "import" | "removed", ():
                    self.adopted.append(block)
                    continue
                case _:
                    continue
            if is_override and key in table:
                held = table[key]
                self._overrides.setdefault((held.source.path, held.start), []).append(block)
            else:
                table[key] = block

    def note_replaced(self, source: SourceText, other: SourceText) -> None:
        """Keep the blocks of a file that are not the same in the one that OpenTofu reads for it."""
        files = f"{source.path} and {other.path}"
        own, others = ({(b.type, b.labels, b.text): b for b in self._blocks(each)}
                       for each in (source, other))  # fmt: skip
        different = {**own, **others}
        for key in own.keys() & others.keys():
            del different[key]
        self.replaced += ((block, files) for block in different.values())

    def _blocks(self, source: SourceText) -> list[Block]:
        """The blocks of a file; what is broken is told, and the rest is given."""
        if source.path.endswith(".json"):
            try:
                return list(JsonReader(source).blocks())
            except SyntaxFault as error:
                self._refuse(error)
                return []
        divided = divide(source)
        for fault in divided.faults:
            self._refuse(SyntaxFault(fault))
        return divided.blocks

    def take_values(self, source: SourceText) -> None:
        """Read a file of variables into `taken`."""
        values = self.taken.setdefault(source.path, {})
        if source.path.endswith(".json"):
            self.sources.append(source)
            try:
                values.update(JsonReader(source).assignments())
            except SyntaxFault as error:
                self._refuse(error)
            return
        divided = divide(source)
        for fault in divided.faults:
            self._refuse(SyntaxFault(fault))
        self.sources.append(source)
        for assignment in divided.assignments:
            try:
                values[assignment.name] = read_assignment(assignment)
            except SyntaxFault as error:
                self._refuse(error)


_OVERRIDE = re.compile(r"(?:^|[/\\\\_])override\.(?:tf|tofu)(?:\.json)?$")
"""Files whose blocks change those of the others, which Terraform reads first."""


def _override(body: Body, other: Body) -> None:
    """Put the arguments of an overriding block in the place of those that it names."""
    body.attributes.update(other.attributes)
    types = {block.type for block in other.blocks}
    body.blocks = [block for block in body.blocks if block.type not in types] + other.blocks


def read_module(folder: str, files: Files) -> Module:
    """The module that a folder is. A file that cannot be read is a problem of the module."""
    module = Module(folder)
    try:
        names = files.names(folder or os.curdir)
    except OSError as error:
        why = f"This folder cannot be read: {reason_of(error)}."
        module.problems.append(ReadError(folder, why))
        return module
    # OpenTofu reads x.tofu in place of x.tf, and x.tofu.json in place of x.tf.json.
    replaced = {name.replace(".tofu", ".tf") for name in names if name.endswith(TOFU)}
    for name in sorted(replaced & {*names}):
        both = (name, name.replace(".tf", ".tofu"))
        texts = [read_source(str(Path(folder, each)), files, module) for each in both]
        if texts[0] is not None and texts[1] is not None:
            module.note_replaced(texts[0], texts[1])
    for name in sorted(names, key=lambda name: (_OVERRIDE.search(name) is not None, name)):
        if name.endswith(ENDINGS) and name not in replaced:
            source = read_source(str(Path(folder, name)), files, module)
            if source is not None:
                module.take(source)
    return module


def read_source(path: str, files: Files, module: Module) -> SourceText | None:
    """The text of a file; None where it cannot be read, which is a problem of the module."""
    if not files.exists(path) and DISK.is_file(path):
        files = DISK  # a file of variables that the command line names, and no commit has
    try:
        return SourceText(path, files.read(path, LARGEST_FILE).decode("utf-8", "surrogateescape"))
    except TooLarge:
        why = f"This file is larger than {LARGEST_FILE >> 20} MiB: not read."
    except OSError as error:
        why = f"This file cannot be read: {reason_of(error)}."
    module.problems.append(ReadError(path, why))
    return None


def read_error(error: SyntaxFault) -> ReadError:
    """A place that is not HCL, as the error of its file."""
    span = error.fault.span
    return ReadError(span.path, error.fault.message, span.line, span.column)
