"""Put a mutant into a process: as a module is imported, or into functions that live already."""

from __future__ import annotations

import ast
import builtins
import functools
import gc
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

HIT = "__mutation_hit__"
"""The name by which marked functions report that they are called."""

Function = tuple[str, int]
"""A function: the module's path and the line of its ``def`` or ``lambda``."""


class Watch:
    """Which functions of the marked modules were called."""

    def __init__(self) -> None:
        self.seen: set[Function] = set()
        setattr(builtins, HIT, self._hit)

    def _hit(self, path: str, line: int) -> None:
        self.seen.add((path, line))

    def take(self) -> set[Function]:
        """What was called since it was last asked."""
        taken = set(self.seen)
        self.seen.clear()
        return taken


class Finder(MetaPathFinder):
    """Imports the modules that it is given, marked, and a mutated one in its mutated form."""

    def __init__(self, modules: dict[str, str], root: Path, *, mark: bool = True) -> None:
        self.modules = modules
        self.root = root
        self.mark = mark
        self.mutated: dict[str, str] = {}

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        place = self.modules.get(fullname)
        if place is None:
            return None
        file = str(self.root / place)
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, self))

    def code(self, fullname: str) -> CodeType:
        place = self.modules[fullname]
        file = self.root / place
        mutated = self.mutated.get(place)
        source = mutated if mutated is not None else file.read_text("utf-8")
        tree = ast.parse(source)
        if self.mark and mutated is None:
            marked(tree, place)
        return compile(tree, str(file), "exec", dont_inherit=True)


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, finder: Finder) -> None:
        super().__init__(fullname, path)
        self._finder = finder

    def get_code(self, fullname: str) -> CodeType:
        return self._finder.code(fullname)


def module_name(path: str) -> str:
    """``rules/spf/loop.py`` is imported as ``zonelint.rules.spf.loop``."""
    return "zonelint." + path.removesuffix(".py").replace("/", ".")


def marked(tree: ast.Module, path: str) -> None:
    """Let every function say that it is called."""
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            call = ast.Call(
                ast.Name(HIT, ast.Load()), [ast.Constant(path), ast.Constant(node.lineno)], []
            )
            if isinstance(node, ast.Lambda):
                both = ast.Tuple([call, node.body], ast.Load())
                node.body = ast.Subscript(both, ast.Constant(1), ast.Load())
            else:
                first = node.body[0]
                has_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                statement = ast.copy_location(ast.Expr(call), first)
                node.body.insert(int(has_text), statement)
    ast.fix_missing_locations(tree)


def function_at(source: str, line: int, column: int) -> int | None:
    """The line of the innermost function whose body holds this place, or None outside of all."""
    found = None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner: list[ast.stmt] | list[ast.expr] = node.body
        elif isinstance(node, ast.Lambda):
            inner = [node.body]
        else:
            continue
        start = (inner[0].lineno, inner[0].col_offset)
        end = (inner[-1].end_lineno or 0, inner[-1].end_col_offset or 0)
        if start <= (line, column) < end and (found is None or node.lineno >= found):
            found = node.lineno
    return found


def built_once(source: str) -> set[int]:
    """The lines of functions without parameters that keep their result, and of those in them."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and not node.args.args:
            named = {getattr(each, "id", "") for each in node.decorator_list}
            if "cache" in named:
                found |= {inner.lineno for inner in ast.walk(node) if isinstance(inner, _FUNCTIONS)}
    return found


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_wrappers: dict[int, list[Any]] = {}


def forget(root: Path) -> None:
    """Empty the caches of functions with parameters, so that a test calls what it needs."""
    size = len(sys.modules)
    if size not in _wrappers:
        _wrappers.clear()
        _wrappers[size] = [
            found
            for found in gc.get_objects()
            if isinstance(found, functools._lru_cache_wrapper)
            and (code := getattr(found.__wrapped__, "__code__", None)) is not None
            and code.co_argcount
            and code.co_filename.startswith(str(root))
        ]
    for wrapper in _wrappers[size]:
        wrapper.cache_clear()


class Living:
    """The functions of a tree of files that exist in this process, to be given other code."""

    def __init__(self, root: Path) -> None:
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        for found in gc.get_objects():
            if isinstance(found, FunctionType):
                code = found.__code__
                if code.co_filename.startswith(str(root)):
                    self._functions[_key(code)].append(found)

    def swaps(self, old: str, new: str, file: str) -> list[tuple[FunctionType, CodeType]] | None:
        """Which function gets which code, or None where that cannot make the mutant.

        It cannot where what the module does as it is imported is another.
        """
        before = compile(old, file, "exec", dont_inherit=True)
        after = compile(new, file, "exec", dont_inherit=True)
        found: list[tuple[FunctionType, CodeType]] = []
        for was, becomes, outermost in _pairs(before, after):
            if becomes is None:
                return None
            functions = self._functions.get(_key(was), [])
            if not functions and outermost:
                return None
            for function in functions:
                if function.__code__.co_freevars != becomes.co_freevars:
                    return None
                found.append((function, becomes))
        return found or None


def swap(pairs: list[tuple[FunctionType, CodeType]]) -> None:
    for function, code in pairs:
        function.__code__ = code


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _pairs(
    old: CodeType, new: CodeType, outermost: bool = True
) -> Iterator[tuple[CodeType, CodeType | None, bool]]:
    """Functions that differ, with those inside of them. None: something else differs."""
    if old == new:
        return
    is_function = bool(old.co_flags & inspect.CO_OPTIMIZED)
    if is_function:
        yield old, new, outermost
    elif _own(old) != _own(new):
        yield old, None, outermost
        return
    inner_old = [const for const in old.co_consts if isinstance(const, CodeType)]
    inner_new = [const for const in new.co_consts if isinstance(const, CodeType)]
    if len(inner_old) != len(inner_new):
        if not is_function:
            yield old, None, outermost
        return
    for was, becomes in zip(inner_old, inner_new, strict=True):
        yield from _pairs(was, becomes, outermost and not is_function)


def _own(code: CodeType) -> tuple[Any, ...]:
    """What a module's or a class's body does, without the functions in it."""
    consts = [(type(c), c) for c in code.co_consts if not isinstance(c, CodeType)]
    return code.co_code, code.co_names, consts, code.co_exceptiontable
