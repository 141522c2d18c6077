"""A root folder with the modules that it calls by path, worked out: every instance of a resource.

Values are worked out when they are asked for, so that a resource that no record refers to costs
nothing, and each once for an instance of a module.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.providers.files import Files
from zonelint.providers.hcl.arguments import TooHard, bare, value_of
from zonelint.providers.hcl.blocks import Block
from zonelint.providers.hcl.evaluate import NOT_DECLARED, Budget, TooMuch, elements, evaluate
from zonelint.providers.hcl.functions import call as call_function
from zonelint.providers.hcl.syntax import (
    Body,
    Node,
    Object,
    SyntaxFault,
    read_expression,
    read_template,
)
from zonelint.providers.hcl.values import (
    Bool,
    HclPlace,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    first_hole,
    marked,
    plain,
    text,
    written,
)
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.model.remedy import UNSET

from .find import LARGEST_FILE, GivenVariable
from .module import Key, Module, read_error, read_module, read_source
from .types import converted

_Given = TypeVar("_Given")

MOST_INSTANCES = 200_000
MOST_MODULES = 10_000
_MOST_DIGITS = 20
_DEEPEST_MODULES = 40
_MOST_FROM_FILES = 1 << 24
_MOST_FILES = 20_000
_LOCAL = ("./", "../", ".\\", "..\\")


def first_why(value: Value) -> str:
    """Why a value is not known."""
    return (first_hole(value) or HclUnknown("a value that does not fit")).why


@dataclass(slots=True)
class Instance:
    """One instance of a resource. key: its key, None for the only one.

    maybe: what decides whether there is one at all, where that is not known.
    """

    scope: ModuleInstance
    mode: str
    type: str
    name: str
    block: Block
    body: Body
    key: str | int | None
    bound: dict[str, Value]
    maybe: HclUnknown | None = None

    @property
    def address(self) -> str:
        own = f"{self.type}.{self.name}{spell_key(self.key)}"
        prefix = "data." if self.mode == "data" else ""
        return f"{self.scope.prefix}{prefix}{own}"

    def value(self, name: str) -> Value | None:
        """An attribute, or the nested blocks of that name as a list of tables; None: not set."""
        node = self.body.attributes.get(name)
        if node is not None:
            value = evaluate(node, self.scope, self.bound)
            if self.block.read is not None and isinstance(node, Object):
                return List((value,))  # one nested block, as JSON writes it
            return value
        nested = list(self._nested(self.body, name, self.bound))
        return List(tuple(nested)) if nested else None

    def _nested(self, body: Body, name: str, bound: Mapping[str, Value]) -> Iterator[Value]:
        for block in body.blocks:
            if block.type == name:
                yield self._table(block.body, bound)
            elif block.type == "dynamic" and block.labels == (name,):
                yield from self._dynamic(block.body, name, bound)

    def _table(self, body: Body, bound: Mapping[str, Value]) -> Value:
        items = {key: evaluate(node, self.scope, bound) for key, node in body.attributes.items()}
        for block in body.blocks:
            name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
            if name not in items:
                items[name] = List(tuple(self._nested(body, name, bound)))
        return HclTable({**items})

    def _dynamic(self, body: Body, name: str, outer: Mapping[str, Value]) -> Iterator[Value]:
        content = next(body.nested("content"), None)
        over_node = body.attributes.get("for_each")
        if content is None or over_node is None:
            return
        iterator = body.attributes.get("iterator")
        called = name if iterator is None else getattr(iterator, "name", name)
        over = evaluate(over_node, self.scope, outer)
        if isinstance(over, HclUnknown):
            yield HclUnknown(over.why)
            return
        for key, value in elements(over):
            bound = {**outer, called: HclTable({"key": key, "value": value})}
            yield self._table(content, bound)

    def ignored(self) -> frozenset[str] | None:
        """The attributes whose values in the source do not count; None: all of them."""
        names: set[str] = set()
        for inner in self.body.nested("lifecycle"):
            node = inner.attributes.get("ignore_changes")
            if node is None:
                continue
            if getattr(node, "name", None) == "all":
                return None
            for item in getattr(node, "items", ()):
                while hasattr(item, "base"):
                    item = item.base
                parts = getattr(item, "parts", ())  # in quotes, as before version 0.12
                quoted = item.source.text[item.start : item.end] if parts else ""
                names.add(getattr(item, "name", quoted))
        return frozenset(names)


def whole_of(block: Block) -> HclPlace:
    """Where all of a block is written."""
    return HclPlace(block.source, block.start, block.end, "opaque")


def spell_key(key: str | int | None) -> str:
    """An instance key as addresses have it: `["a"]`, `[0]`, or nothing."""
    if key is None:
        return ""
    return f"[{key}]" if isinstance(key, int) else f"[{json.dumps(key, ensure_ascii=False)}]"


def spell_handle(handle: Iterable[str | int]) -> str:
    """A handle as an expression has it: `var.zone_ids["example.com"]`."""
    first, *rest = handle
    found = str(first)
    for step in rest:
        plain_name = isinstance(step, str) and step.replace("_", "a").replace("-", "a").isalnum()
        found += f".{step}" if plain_name and not str(step)[0].isdigit() else spell_key(step)
    return found


class ModuleInstance:
    """One call of a module, or the root: what names mean in it."""

    def __init__(
        self,
        whole: TerraformConfiguration,
        module: Module,
        prefix: str = "",
        arguments: Mapping[str, Value | Callable[[], Value]] | None = None,
        depth: int = 0,
    ) -> None:
        self.whole = whole
        self.module = module
        self.prefix = prefix
        self.arguments = arguments or {}
        self.depth = depth
        self.budget = whole.budget
        self._memo: dict[tuple[str, ...], Any] = {}
        self._instances: dict[Key, list[Instance]] = {}
        self._calls: dict[str, list[tuple[Called, HclUnknown | None]]] = {}
        self._working: set[tuple[str, ...]] = set()
        self._roots: dict[str, Value] = {}

    def root(self, name: str) -> Value | None:
        found = self._roots.get(name)
        if found is None and (found := self._root(name)) is not None:
            self._roots[name] = found
        return found

    def _root(self, name: str) -> Value | None:
        module = self.module
        match name:
            case "var":
                items = {
                    each: self._later("var", each, self._variable) for each in module.variables
                }
                return HclTable({**items}, self._undeclared("var"))
            case "local":
                items = {e: self._later("local", e, self._local) for e in module.locals}
                return HclTable({**items}, self._undeclared("local"))
            case "module":
                items = {e: self._later("module", e, self._called) for e in module.calls}
                return HclTable({**items})
            case "data":
                kinds = dict.fromkeys(key[1] for key in module.resources if key[0] == "data")
                return HclTable({kind: HclTable(self._of_type("data", kind)) for kind in kinds})
            case "path":
                folders = {"module": module.folder, "root": self.whole.folder, "cwd": os.curdir}
                return HclTable({key: text(folder or os.curdir) for key, folder in folders.items()})
            case "terraform" | "tofu":
                return HclUnknown(f"{name}.workspace", (name,))
            case _ if any(key[:2] == ("managed", name) for key in module.resources):
                return HclTable(self._of_type("managed", name), self._undeclared(name))
            case _:
                return None

    def _undeclared(self, name: str) -> HclUnknown:
        """What stands for a name that is used and not declared: one value all the same."""
        return HclUnknown(NOT_DECLARED, (f"{self.prefix}{name}",))

    def _of_type(self, mode: str, type: str) -> dict[str, Value | Callable[[], Value]]:
        keys = (key for key in self.module.resources if key[:2] == (mode, type))
        return {key[2]: partial(self._once, ("name", *key), self._resource, key) for key in keys}

    def _later(self, kind: str, name: str, work_out: Callable[[str], Value]) -> Callable[[], Value]:
        return partial(self._once, ("name", kind, name), work_out, name)

    def _local(self, name: str) -> Value:
        return evaluate(self.module.locals[name], self, {})

    # -- variables ---------------------------------------------------------------------------------

    def _variable(self, name: str) -> Value:
        body = self.module.body(self.module.variables[name])
        if body is None:
            return HclUnknown(f"var.{name}, which cannot be read")
        given = self.arguments.get(name)
        value: Value | None = given() if callable(given) else given
        if value is None and self.depth == 0 and (node := self.module.values.get(name)) is not None:
            value = evaluate(node, self, {})
        default = body.attributes.get("default")
        nullable = body.attributes.get("nullable")
        if isinstance(value, Null) and nullable is not None and default is not None:
            kept = evaluate(nullable, self, {})
            value = None if isinstance(kept, Bool) and not kept.value else value
        if value is None:
            if default is None:
                return self._unset(name, body)
            value = evaluate(default, self, {})
        type = body.attributes.get("type")
        if type is not None:
            value = converted(value, type, lambda node: evaluate(node, self, {}))
        return marked(value) if self._is_sensitive(body) else value

    def _unset(self, name: str, body: Body) -> HclUnknown:
        block = self.module.variables[name]
        at = f"{block.source.path}:{block.source.line(block.start)}"
        return HclUnknown(
            f"{self.prefix}var.{name}, {UNSET}{at})",
            (f"{self.prefix}var.{name}",),
            self._is_sensitive(body),
        )

    def _is_sensitive(self, body: Body) -> bool:
        node = body.attributes.get("sensitive")
        value = None if node is None else evaluate(node, self, {})
        return isinstance(value, Bool) and value.value

    # -- resources ---------------------------------------------------------------------------------

    def instances(self, key: Key) -> list[Instance]:
        """The instances of a resource of this module."""
        if key not in self._instances:
            self._instances[key] = list(self._expand(key))
            self.whole.count(len(self._instances[key]))
        return self._instances[key]

    def _expand(self, key: Key) -> Iterator[Instance]:
        block = self.module.resources[key]
        body = self.module.body(block)
        if body is None:
            return
        for each, bound, maybe in self.keys(body):
            mode, type, name = key
            yield Instance(self, mode, type, name, block, body, each, bound, maybe)

    def keys(
        self, body: Body
    ) -> Iterator[tuple[str | int | None, dict[str, Value], HclUnknown | None]]:
        """The instance keys that `count` or `for_each` makes, with what is bound in each.

        Raises TooMuch.
        """
        count, for_each = body.attributes.get("count"), body.attributes.get("for_each")
        if count is not None:
            value = evaluate(count, self, {})
            number = plain(value)
            if number is None or not number.isdecimal():
                why = first_hole(value) or HclUnknown("`count`")
                yield None, {"count": HclTable({"index": why.made()})}, why
                return
            # By its length first: Python makes no number of thousands of digits.
            if len(number) > _MOST_DIGITS or int(number) > MOST_INSTANCES:
                raise TooMuch
            for index in range(int(number)):
                yield index, {"count": HclTable({"index": Number(index)})}, None
        elif for_each is not None:
            over = evaluate(for_each, self, {})
            pairs = list(elements(over))
            for key, item in pairs:
                name = plain(key)
                yield name, {"each": HclTable({"key": key, "value": item})}, (
                    HclUnknown(first_why(key)) if name is None else None
                )  # fmt: skip
            rest = over if isinstance(over, HclUnknown) else getattr(over, "rest", None)
            if rest is not None:
                hole = rest.made()
                yield None, {"each": HclTable({"key": hole, "value": hole})}, hole
        else:
            yield None, {}, None

    def _resource(self, key: Key) -> Value:
        body = self.module.body(self.module.resources[key])
        if body is None:
            return HclUnknown(f"{self.prefix}{key[1]}.{key[2]}, which cannot be read")
        found = self.instances(key)
        values = [_value_of(instance) for instance in found]
        return _gathered(body, found, values)

    def attribute(self, instance: Instance, name: str) -> Value:
        """A configured attribute of a resource, as others see it."""
        return self._once(("attribute", instance.address, name), instance.value, name)

    def _once(
        self, key: tuple[str, ...], work_out: Callable[[_Given], Value | None], given: _Given
    ) -> Value:
        """A value that is worked out once, and may not lead to itself."""
        if key not in self._memo:
            if key in self._working:
                return HclUnknown(f"`{'.'.join(key[1:])}`, which refers to itself")
            self._working.add(key)
            self.budget.depth += 1  # a name behind a name takes more of the stack than an operand
            try:
                self._memo[key] = work_out(given)
            finally:
                self.budget.depth -= 1
                self._working.discard(key)
        found: Value = self._memo[key]
        return found

    # -- modules -----------------------------------------------------------------------------------

    def calls(self, name: str) -> list[tuple[Called, HclUnknown | None]]:
        """The instances of a module that is called here, with what decides whether each exists."""
        if name not in self._calls:
            self._calls[name] = list(self._call(name))
        return self._calls[name]

    def _call(self, name: str) -> Iterator[tuple[Called, HclUnknown | None]]:
        block = self.module.calls[name]
        body = self.module.body(block)
        if body is None:
            return
        node = body.attributes.get("source")
        source = None if node is None else plain(evaluate(node, self, {}))
        module = None
        if source is not None and (source.startswith(_LOCAL) or source in (".", "..")):
            folder = os.path.normpath(Path(self.module.folder, source))
            if not self.whole.is_inside(folder):
                why = "This folder is outside the repository: not read."
                self.module.problems.append(ReadError(folder, why))
            elif self.depth < _DEEPEST_MODULES:
                module = self.whole.module(folder)
        for key, bound, maybe in self.keys(body):
            prefix = f"{self.prefix}module.{name}{spell_key(key)}."
            arguments = {
                each: partial(evaluate, node, self, bound)
                for each, node in body.attributes.items()
                if each not in _OF_CALLS
            }
            if module is None:
                yield Called(prefix, key, None, arguments, block), maybe
            else:
                self.whole.count_module()
                inner = ModuleInstance(self.whole, module, prefix, arguments, self.depth + 1)
                yield Called(prefix, key, inner, arguments, block), maybe

    def _called(self, name: str) -> Value:
        body = self.module.body(self.module.calls[name])
        if body is None:
            return HclUnknown(f"{self.prefix}module.{name}, which cannot be read")
        found = [called for called, _ in self.calls(name)]
        return _gathered(body, found, [called.value() for called in found])

    def output(self, name: str) -> Value:
        """An output of this module."""
        body = self.module.body(self.module.outputs[name])
        node = None if body is None else body.attributes.get("value")
        if node is None:
            return HclUnknown(f"{self.prefix}{name}, an output that cannot be read")
        return evaluate(node, self, {})

    def later_output(self, name: str) -> Callable[[], Value]:
        """An output, worked out when it is asked for."""
        return partial(self._once, ("output", name), self.output, name)

    # -- files -------------------------------------------------------------------------------------

    def call(self, name: str, arguments: list[Value], at: Node) -> Value | None:
        """The functions that read files; paths are those of the folder that Terraform runs in."""
        name = name.removeprefix("core::")
        if name not in _OF_FILES:
            return None
        if name in ("yamldecode", "jsondecode"):
            return self._decoded(name, arguments)
        path = plain(arguments[0]) if arguments else None
        if path is None:
            return HclUnknown(first_why(arguments[0]) if arguments else f"`{name}()`")
        if name == "fileset":
            pattern = plain(arguments[1]) if len(arguments) == 2 else None
            names = None if pattern is None else self.whole.files_of(path, pattern)
            if names is None:
                return HclUnknown(f"the files of {path}, which cannot be known")
            return List(tuple(text(each) for each in names), is_set=True)
        source = self.whole.file(path)
        if name == "fileexists":
            return Bool(source is not None)
        if source is None:
            return HclUnknown(f"the file {path}, which cannot be read")
        found = HclText((written(source, source.first, len(source.text), "file"),))
        if name == "file":
            return found
        if name == "templatefile":
            return self._templated(source, arguments)
        encode = "base64encode" if name == "filebase64" else name.removeprefix("file")
        return call_function(encode, [found])

    def _templated(self, source: SourceText, arguments: list[Value]) -> Value:
        try:
            node = read_template(source, source.first, len(source.text), escapes="template")
        except SyntaxFault as error:
            self.module.problems.append(read_error(error))
            return HclUnknown(f"the template {source.path}, which cannot be read")
        given = arguments[1] if len(arguments) > 1 else HclTable({})
        bound = dict(given.pairs()) if isinstance(given, HclTable) else {}
        return evaluate(node, self, bound)

    def _decoded(self, name: str, arguments: list[Value]) -> Value:
        from zonelint.providers.hcl.decoding import decoded

        if len(arguments) != 1:
            return HclUnknown(f"`{name}` of several values")
        found = decoded(arguments[0])
        if name == "jsondecode" and isinstance(found, HclUnknown):
            return call_function(name, arguments)  # YAML refuses tabs, which JSON may have
        return found


_HASHES = ("filebase64sha256", "filebase64sha512", "filemd5", "filesha1", "filesha256")
_OF_FILES = (
    *("file", "filebase64", "fileexists", "fileset", "filesha512", *_HASHES),
    *("templatefile", "yamldecode", "jsondecode"),
)
_OF_CALLS = ("source", "version", "providers", "count", "for_each", "depends_on")


@dataclass(slots=True)
class Called:
    """One instance of a module call; module: None where it is not of this repository.

    block: the call.
    """

    prefix: str
    key: str | int | None
    module: ModuleInstance | None
    arguments: Mapping[str, Value | Callable[[], Value]]
    block: Block

    def value(self) -> Value:
        """Its outputs."""
        own = self.prefix.removesuffix(".")
        if self.module is None:
            why = f"what {own} gives, a module that is not in this repository"
            return HclUnknown(why, (own,), of=(whole_of(self.block),))
        outputs = self.module.module.outputs
        return HclTable({name: self.module.later_output(name) for name in outputs})


def file_pattern(pattern: str) -> re.Pattern[str]:
    """What `fileset` means by a pattern: `*`, `**`, `?`, `[a-z]` and `{a,b}`."""
    meant = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    found, depth = "", 0
    for token in _GLOB.findall(pattern[:1000]):
        depth += (token == "{") - (token == "}")
        if token == "," and depth:
            found += "|"
        else:
            found += meant.get(token) or (
                token if token[0] == "[" and token[1:] else re.escape(token)
            )
    try:
        return re.compile(found)
    except re.error:
        return re.compile(re.escape(pattern))


_GLOB = re.compile(r"\*\*/|\*\*|\[[^]]+\]|.", re.DOTALL)


def _gathered(body: Body, found: list[Any], values: list[Value]) -> Value:
    """Instances as expressions see them: the only one, a list, or a table by keys."""
    if "count" in body.attributes:
        if len(found) == 1 and found[0].key is None:
            return HclUnknown(first_why(values[0]) if values else "`count`")
        return List(tuple(values))
    if "for_each" in body.attributes:
        items = {str(e.key): v for e, v in zip(found, values, strict=True) if e.key is not None}
        rest = next((HclUnknown("`for_each`") for e in found if e.key is None), None)
        return HclTable({**items}, rest)
    return values[0] if values else HclUnknown("a resource that does not exist")


def _value_of(instance: Instance) -> Value:
    names = [*instance.body.attributes, *(block.type for block in instance.body.blocks)]
    address = instance.address
    skipped = ("count", "for_each", "provider", "depends_on", "lifecycle", "dynamic")
    later = partial(instance.scope.attribute, instance)
    items = {name: partial(later, name) for name in names if name not in skipped}
    # What is looked up is told by what it is looked up with; what is made is new in any case.
    of = (whole_of(instance.block),) if instance.mode == "data" else ()
    rest = HclUnknown(f"{address}, known after the change", (address,), of=of)
    return HclTable({**items}, rest, instance=instance)


class TerraformConfiguration:
    """The root folder and what it calls. given: values and files of the command line."""

    def __init__(
        self,
        folder: str,
        files: Files,
        *,
        modules: dict[str, Module] | None = None,
        given: Sequence[GivenVariable] = (),
    ) -> None:
        self.folder = folder
        self.files = files
        self.budget = Budget()
        self._modules = {} if modules is None else modules
        self._texts: dict[str, SourceText | None] = {}
        self._read = 0
        self._called: set[str] = set()
        self._inside: list[Path] | None = None
        self._instances = 0
        self._calls = 0
        root = self.module(folder)
        self._take_values(root)
        self.root: ModuleInstance = ModuleInstance(self, root)
        named: dict[str, GivenVariable] = {}
        for each in given:  # the last word counts, as Terraform has it
            if each.name is not None:
                named[each.name] = each
            else:
                for name in self._take_file(root, each.text):
                    named.pop(name, None)
        self.root.arguments = {
            name: self._given(each, root.body(root.variables[name]))
            for name, each in named.items()
            if name in root.variables
        }

    def _given(self, given: GivenVariable, body: Body | None) -> Value:
        """A value of the command line: a text, or HCL where the variable's type is of more.

        It stands in no file, so findings stand where it is used.
        """
        type = None if body is None else body.attributes.get("type")
        if type is None or getattr(type, "name", "") in ("string", "number", "bool"):
            return text(given.text)
        source = SourceText(f"--var {given.name}", given.text)
        try:
            return value_of(
                bare(evaluate(read_expression(source, 0, len(given.text)), self.root, {}))
            )
        except (SyntaxFault, TooHard):
            return HclUnknown(f"--var {given.name}, which is not a value of HCL")

    def _take_values(self, root: Module) -> None:
        """The files of variables that Terraform loads by itself, in its order."""
        try:
            names = self.files.names(self.folder or os.curdir)
        except OSError:
            return  # told where the folder itself was read
        first = ("terraform.tfvars", "terraform.tfvars.json")
        loaded = [name for name in first if name in names]
        loaded += (name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
        for name in loaded:
            self._take_file(root, str(Path(self.folder, name)))

    def _take_file(self, root: Module, path: str) -> Iterable[str]:
        """The variables that a file sets; its values replace those of files before it."""
        if path not in root.taken:
            source = read_source(path, self.files, root)
            if source is None:
                return ()
            root.take_values(source)
            self.budget.earn(len(source.text))
        root.values |= root.taken[path]
        return root.taken[path]

    def module(self, folder: str) -> Module:
        """The module of a folder, read once."""
        if folder not in self._modules:
            self._modules[folder] = read_module("" if folder == os.curdir else folder, self.files)
        module = self._modules[folder]
        if folder not in self._called:
            self._called.add(folder)
            self.budget.earn(sum(len(source.text) for source in module.sources))
        return module

    def is_inside(self, path: str) -> bool:
        """Whether a path that a file names belongs to what is read: else it is left alone."""
        try:
            real = self.files.resolve(path)
        except (OSError, ValueError):  # a loop of links; a name that no file can have
            return False
        if self._inside is None:
            self._inside = self.files.roots(self.files.resolve(self.folder))
        return any(real.is_relative_to(root) for root in self._inside)

    def file(self, path: str) -> SourceText | None:
        """The text of a file that an expression reads; None where it cannot be read."""
        key = os.path.normpath(path)
        if key not in self._texts:
            self._texts[key] = None
            if not self.is_inside(key):
                return None
            try:
                data = self.files.read(key, LARGEST_FILE)
            except OSError:
                return None
            self._read += len(data)
            self.budget.earn(len(data))
            if self._read <= _MOST_FROM_FILES:
                self._texts[key] = SourceText(key, data.decode("utf-8", "surrogateescape"))
        return self._texts[key]

    def files_of(self, folder: str, pattern: str) -> list[str] | None:
        """The files below a folder that a pattern of `fileset` names; None where it is closed."""
        if not self.is_inside(folder):
            return None
        wanted = file_pattern(pattern)
        found: list[str] = []
        looked = 0
        for at, folders, names in self.files.walk(folder or os.curdir):
            folders.sort()
            below = os.path.relpath(at, folder or os.curdir)
            paths = (name if below == os.curdir else f"{below}/{name}" for name in names)
            found += [path for path in paths if wanted.fullmatch(path)]
            looked += len(names) + 1
            if looked > _MOST_FILES:
                return None
        return sorted(found)

    def count(self, instances: int) -> None:
        """Note that instances were made. Raises TooMuch."""
        self._instances += instances
        if self._instances > MOST_INSTANCES:
            raise TooMuch

    def count_module(self) -> None:
        """Note that a module was called. Raises TooMuch."""
        self._calls += 1
        if self._calls > MOST_MODULES:
            raise TooMuch

    def modules(self) -> Iterator[tuple[ModuleInstance, HclUnknown | None]]:
        """Every instance of a module, the root first, with what decides whether it exists."""
        waiting: list[tuple[ModuleInstance, HclUnknown | None]] = [(self.root, None)]
        while waiting:
            scope, maybe = waiting.pop()
            yield scope, maybe
            for name in scope.module.calls:
                for called, unsure in scope.calls(name):
                    if called.module is not None:
                        waiting.append((called.module, unsure or maybe))

    def unread_calls(self) -> Iterator[Called]:
        """Calls of modules that are not in this repository."""
        for scope, _ in self.modules():
            for name in scope.module.calls:
                yield from (each for each, _ in scope.calls(name) if each.module is None)

    @property
    def _own_modules(self) -> list[Module]:
        """Its modules, of all that were read with others."""
        return [module for folder, module in self._modules.items() if folder in self._called]

    @property
    def problems(self) -> list[ReadError]:
        """What could not be read, of any of its modules."""
        return [problem for module in self._own_modules for problem in module.problems]

    @property
    def sources(self) -> list[SourceText]:
        """Every file that was read."""
        read = [source for module in self._own_modules for source in module.sources]
        return [*read, *(source for source in self._texts.values() if source is not None)]
