"""A template worked out: parameters by their defaults, and the functions that can be known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.listing import some
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Reason
from zonelint.providers.hcl import functions
from zonelint.providers.hcl.decoding import Decoder
from zonelint.providers.hcl.values import (
    NULL,
    HclPiece,
    HclPlace,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Value,
    first_hole,
    joined,
    pieces_of,
    plain,
    text,
)
from zonelint.providers.resources.kinds import MX_TYPE

_VARIABLE = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^}]*)\}")
_WORD = re.compile(r"\w+")
_DYNAMIC = re.compile(r"\{\{resolve:.*?\}\}", re.DOTALL)
"""What is looked up elsewhere when the stack is deployed."""
_SERVERLESS = re.compile(r"\$\{[A-Za-z]+[:(][^}]*\}")
MAIL_TEXT = r"""["'\s](?:v=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1)\b|k=(?:rsa|ed25519);)|""" + MX_TYPE
"""How a record about mail begins, or what says that it is one."""
_DNS = re.compile(rf"AWS::Route53::RecordSet|{MAIL_TEXT}", re.IGNORECASE)
_INCLUDE = "AWS::Include"
_DEEPEST = 100


class TemplateError(Exception):
    """A file that cannot be read as a template. `place`: line and column, 0 where it has none."""

    def __init__(self, message: str, *place: int) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class SwitchedOff(HclUnknown):
    """Why something is not there while no parameter is given another value."""


class Template:
    """The resources of a template, and what their properties come to."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        root = _root(source)
        self._transforms: Any = _child(root, "Transform")
        inner = _child(root, "resources")
        self.is_serverless = _child(root, "Resources") is None and inner is not None
        bodies = [root]
        if self.is_serverless:
            # A list there is merged into one.
            bodies = list(inner.value) if isinstance(inner, SequenceNode) else [inner]
        self._sections: dict[str, dict[str, Node]] = {}
        for body in bodies:
            for name in ("Parameters", "Mappings", "Conditions", "Resources"):
                section = _child(body, name)
                self._sections.setdefault(name, {}).update(_pairs(section))
        self._decoder = Decoder(
            source.text, HclPlace(source, 0, len(source.text), "file", exact=True)
        )
        self._depth = 0
        self._working: set[str] = set()
        self._answers: dict[str, bool | HclUnknown] = {}
        self._switches: dict[str, bool | HclUnknown] = {}

    @property
    def resources(self) -> Iterator[tuple[str, str, Node]]:
        """Name, type and node of each resource."""
        for name, node in self._sections["Resources"].items():
            type = _child(node, "Type")
            if isinstance(type, ScalarNode):
                yield name, str(type.value), node

    @property
    def made_elsewhere(self) -> Iterator[str]:
        """What makes resources that do not stand in the template as they will be, in words."""
        listed = self._transforms
        for node in listed.value if isinstance(listed, SequenceNode) else [listed]:
            name = self._plain(_child(node, "Name") or node)
            if name and (not name.startswith("AWS::") or name == _INCLUDE):
                yield f"what {name} makes of this template (a transform that is not worked out)"
        for key, node in self._sections["Resources"].items():
            if key == "Fn::Transform":
                name = self._plain(_child(node, "Name")) or "a macro"
                why = f"the resources that {name} puts in (a transform that is not worked out)"
                yield Reason(why, self.place_of(node).code)
            elif key.startswith("Fn::ForEach::") and _DNS.search(self.text_of(node)):
                why = f"the resources of {key} (a loop that is not worked out)"
                yield Reason(why, self.place_of(node).code)

    def text_of(self, node: Node) -> str:
        """A node as it is written."""
        return self.source.text[node.start_mark.index : node.end_mark.index]

    def properties(self, node: Node) -> Mapping[str, Node]:
        """The properties of a resource, not worked out yet."""
        return dict(_pairs(_child(node, "Properties")))

    def made_of(self, properties: Mapping[str, Node]) -> HclUnknown | None:
        """What stands for the properties that a transform puts in among others."""
        node = properties.get("Fn::Transform")
        if node is None:
            return None
        name = self._plain(_child(node, "Name")) or "a macro"
        why = f"what {name} puts in (a transform that is not worked out)"
        return HclUnknown(why, of=(self.place_of(node),))

    def members(self, node: Node) -> Iterator[tuple[int, Node, HclUnknown | None]]:
        """The members of a list with their numbers; a function, where one gives what is not known.

        Behind a condition that is not known, or may be given to hold, stands why.
        """
        for list, why in self._choices(node):
            if not isinstance(list, SequenceNode) or _function(list) is not None:
                yield 0, list, why
                continue
            for number, item in enumerate(list.value):
                for each, own in self._choices(item):
                    yield number, each, why or own

    def _choices(self, node: Node) -> Iterator[tuple[Node, HclUnknown | None]]:
        """The nodes that Fn::If may come to, each with why nobody knows whether it does."""
        waiting: list[tuple[Node, HclUnknown | None]] = [(node, None)]
        seen: set[Node] = set()
        while waiting:
            node, why = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            name, inner = _function(node) or ("", node)
            if name == "Ref" and self._plain(inner) == "AWS::NoValue":
                continue
            if name != "If" or not isinstance(inner, SequenceNode) or len(inner.value) != 3:
                yield node, why
                continue
            condition, yes, no = inner.value
            answer = self._switch(self._plain(condition))
            if isinstance(answer, HclUnknown):
                other = why if isinstance(answer, SwitchedOff) else why or answer
                waiting += [(no, other), (yes, why or answer)]
            else:
                waiting.append((yes if answer else no, why))

    def exists(self, node: Node) -> bool | HclUnknown:
        """Whether the condition of a resource holds."""
        condition = _child(node, "Condition")
        if not isinstance(condition, ScalarNode):
            return True
        return self._switch(str(condition.value))

    def stays(self, node: Node) -> bool:
        """Whether what a resource has made stays when the resource leaves the template."""
        return self._plain(_child(node, "DeletionPolicy")).startswith("Retain")

    def place_of(self, node: Node) -> HclPlace:
        """Where a node is written."""
        start, end = node.start_mark.index, node.end_mark.index
        return HclPlace(self.source, start, end, "opaque")

    def value(self, node: Node) -> Value:
        """What a node comes to."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return HclUnknown("a value that is nested too deeply")
            return _with_holes(self._value(node))
        finally:
            self._depth -= 1

    def _value(self, node: Node) -> Value:
        called = _function(node)
        if called is not None:
            found = self._call(*called)
            if isinstance(found, HclUnknown) and found.handle is None:
                return found.made_by(self.place_of(node))
            return found
        match node:
            case MappingNode():
                return HclTable({name: self.value(each) for name, each in _pairs(node)})
            case SequenceNode():
                listed = (self.value(each) for each in node.value)
                return List(tuple(each for each in listed if not isinstance(each, Null)))
            case ScalarNode():
                return self._scalar(node)
        return NULL

    def _scalar(self, node: ScalarNode) -> Value:
        found = self._decoder.scalar(node)
        if not self.is_serverless or not isinstance(found, HclText):
            return found
        return _opened(found, _SERVERLESS)

    # -- functions -------------------------------------------------------------------------------

    def _call(self, name: str, node: Node) -> Value:
        match name:
            case "Ref":
                return self._ref(self._plain(node))
            case "GetAtt":
                steps = self._plain(node).split(".", 1)
                if isinstance(node, SequenceNode):
                    steps = [self._plain(each) for each in node.value]
                return self._attribute(steps)
            case "Sub":
                return self._sub(node)
            case "Join":
                return self._functional("join", node)
            case "Split":
                return self._functional("split", node)
            case "Select":
                return functions.call("element", self._arguments(node)[::-1])
            case "FindInMap":
                return self._find_in_map(node)
            case "If":
                return self._if(node)
            case "ImportValue":
                value = plain(self.value(_untagged(node)))
                handle = None if value is None else (f"Fn::ImportValue {value}",)
                return HclUnknown(f"Fn::ImportValue {value or ''}".strip(), handle)
            case _:
                return HclUnknown(f"Fn::{name}")

    def _attribute(self, steps: Sequence[str]) -> HclUnknown:
        """What a resource has once it is made; one of no type of AWS's by what it is given."""
        node = self._sections["Resources"].get(steps[0])
        type = self._plain(_child(node, "Type"))
        of = (self.place_of(node),) if node is not None and _is_custom(type) else ()
        return HclUnknown(".".join(steps), tuple(steps), of=of)

    def _plain(self, node: Node | None) -> str:
        return str(node.value) if isinstance(node, ScalarNode) else ""

    def _arguments(self, node: Node) -> list[Value]:
        return [self.value(each) for each in node.value] if isinstance(node, SequenceNode) else []

    def _functional(self, name: str, node: Node) -> Value:
        arguments = self._arguments(node)
        if len(arguments) != 2:
            return HclUnknown(f"Fn::{name.capitalize()} without exactly two values")
        if isinstance(arguments[1], HclUnknown):
            return HclUnknown(arguments[1].why)
        return functions.call(name, arguments)

    def _ref(self, name: str) -> Value:
        if name == "AWS::NoValue":
            return NULL
        parameter = self._sections["Parameters"].get(name)
        if parameter is None:
            return HclUnknown(name, (name,))
        default = _child(parameter, "Default")
        type = _child(parameter, "Type")
        is_looked_up = isinstance(type, ScalarNode) and str(type.value).startswith("AWS::SSM::")
        if default is None or is_looked_up:
            return HclUnknown(f"the parameter {name}, which is not set", (name,))
        found = self._decoder.value(default)
        if isinstance(type, ScalarNode) and type.value == "CommaDelimitedList":
            return functions.call("split", [text(","), found])
        hidden = _child(parameter, "NoEcho")
        if isinstance(hidden, ScalarNode) and str(hidden.value).lower() == "true":
            return HclText(pieces_of(found), is_secret=True)
        return found

    def _sub(self, node: Node) -> Value:
        given: dict[str, Value] = {}
        template = _untagged(node)
        if isinstance(node, SequenceNode):
            if not node.value:
                return HclUnknown("Fn::Sub without a text")
            template = node.value[0]
            named = _pairs(node.value[1]) if node.value[1:] else []
            given = {name: self.value(each) for name, each in named}
        found = self._scalar(template) if isinstance(template, ScalarNode) else NULL
        if not isinstance(found, HclText):
            return HclUnknown("Fn::Sub of something other than a text")
        parts = [each for piece in found.pieces for each in self._substituted(piece, given)]
        return _alone(joined(parts))

    def _substituted(
        self, piece: HclPiece | HclUnknown, given: Mapping[str, Value]
    ) -> Iterable[HclPiece | HclUnknown]:
        """A piece of a text with the values of its variables."""
        if isinstance(piece, HclUnknown):
            return [piece]
        variables = _VARIABLE.finditer(piece.text)
        return HclText((piece,)).replaced(
            (variable.span(), self._meant(variable, given)) for variable in variables
        )

    def _meant(
        self, variable: re.Match[str], given: Mapping[str, Value]
    ) -> Sequence[HclPiece | HclUnknown]:
        name = variable["name"].strip()
        if variable["literal"]:
            return [HclPiece(f"${{{name}}}")]
        if name in given:
            return pieces_of(given[name])
        if "." in name:
            return [self._attribute(name.split(".", 1))]
        return pieces_of(self._ref(name))

    def _find_in_map(self, node: Node) -> Value:
        keys = [plain(each) for each in self._arguments(node)[:3]]
        if len(keys) < 3 or None in keys:
            return HclUnknown("Fn::FindInMap")
        at: Node | None = self._sections["Mappings"].get(str(keys[0]))
        for key in keys[1:]:
            at = _child(at, str(key))
        return HclUnknown("Fn::FindInMap") if at is None else self._decoder.value(at)

    def _if(self, node: Node) -> Value:
        if not isinstance(node, SequenceNode) or len(node.value) != 3:
            return HclUnknown("Fn::If without exactly three values")
        name, yes, no = node.value
        answer = self._named(self._plain(name))
        if isinstance(answer, HclUnknown):
            return answer.made()
        return self.value(yes if answer else no)

    # -- conditions ------------------------------------------------------------------------------

    def _switch(self, name: str) -> bool | HclUnknown:
        """Whether there is what waits for a condition; False where no parameter can change that."""
        if name not in self._switches:
            answer = self._named(name)
            parameters = list(self._parameters_of(name)) if answer is False else []
            if parameters:
                why = f"the condition {name}, which is false by default of {some(parameters)}"
                of = (self.place_of(self._sections["Conditions"][name]),)
                answer = SwitchedOff(why, of=of)
            self._switches[name] = answer
        return self._switches[name]

    def _named(self, name: str) -> bool | HclUnknown:
        """Whether a condition holds, which is named where that is not known."""
        answer = self._condition(name)
        if isinstance(answer, HclUnknown):
            return replace(answer, why=f"the condition {name} ({answer.why})")
        return answer

    def _parameters_of(self, condition: str) -> Iterator[str]:
        """The parameters that a condition names, or those behind it."""
        seen, waiting = {condition}, [self._sections["Conditions"][condition]]
        while waiting:
            node = waiting.pop()
            waiting += _inner(node)
            words = () if not isinstance(node, ScalarNode) else _WORD.findall(str(node.value))
            for word in dict.fromkeys(words):
                if word not in seen and word in self._sections["Parameters"]:
                    yield word
                elif word not in seen and word in self._sections["Conditions"]:
                    waiting.append(self._sections["Conditions"][word])
                seen.add(word)

    def _condition(self, name: str) -> bool | HclUnknown:
        node = self._sections["Conditions"].get(name)
        if node is None or name in self._working:
            fault = "is not defined" if node is None else "refers to itself"
            return HclUnknown(f"{name} {fault}")
        if name not in self._answers:
            self._working.add(name)
            try:
                self._answers[name] = self._holds(node)
            finally:
                self._working.discard(name)
        return self._answers[name]

    def _holds(self, node: Node) -> bool | HclUnknown:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return HclUnknown("a condition that is nested too deeply")
            return self._decided(node)
        finally:
            self._depth -= 1

    def _decided(self, node: Node) -> bool | HclUnknown:
        name, inner = "", node
        if node.tag.startswith("!") and node.tag != "!":
            name = node.tag[1:]
        elif isinstance(node, MappingNode) and len(node.value) == 1:
            key, inner = node.value[0]
            name = str(key.value).removeprefix("Fn::")
        if name == "Condition":
            return self._condition(self._plain(inner))
        parts = list(inner.value) if isinstance(inner, SequenceNode) else []
        match name:
            case "Equals" if len(parts) == 2:
                left, right = (self.value(each) for each in parts)
                hole = first_hole(left) or first_hole(right)
                return hole.made_by(self.place_of(node)) if hole else plain(left) == plain(right)
            case "Not" if len(parts) == 1:
                answer = self._holds(parts[0])
                return answer if isinstance(answer, HclUnknown) else not answer
            case "And" | "Or":
                decides = name == "Or"
                answers = [self._holds(each) for each in parts]
                if decides in answers:
                    return decides
                open_ = next((a for a in answers if isinstance(a, HclUnknown)), None)
                return not decides if open_ is None else open_
            case _:
                return HclUnknown("a condition")


def _with_holes(value: Value) -> Value:
    """A value that is not known where it has dynamic references."""
    if not isinstance(value, HclText) or "{{resolve:" not in "".join(_texts(value)):
        return value
    if value.known is None or value.is_secret:  # what is looked up is not known itself
        return HclUnknown("a dynamic reference ({{resolve:…}})")
    return _alone(_opened(value, _DYNAMIC))


def _texts(value: HclText) -> Iterator[str]:
    return (piece.text for piece in value.pieces if isinstance(piece, HclPiece))


def _opened(value: HclText, unknown: re.Pattern[str]) -> Value:
    """A text in which some stretches are not known."""
    found = list(unknown.finditer(value.known or ""))
    holes = ((each.span(), [HclUnknown(each[0], (each[0],))]) for each in found)
    return joined(value.replaced(holes)) if found else value


def _alone(value: Value) -> Value:
    """What stands for a text that is nothing but unknown."""
    if isinstance(value, HclText) and len(value.pieces) == 1:
        only = value.pieces[0]
        return only if isinstance(only, HclUnknown) else value
    return value


def _is_custom(type: str) -> bool:
    return not type.startswith("AWS::") or type.startswith("AWS::CloudFormation::")


def _is_function(key: object) -> bool:
    return key in ("Ref", "Condition") or str(key).startswith("Fn::")


def _function(node: Node) -> tuple[str, Node] | None:
    """The name of the function that a node calls, and what it is given."""
    if node.tag.startswith("!") and node.tag != "!":
        return node.tag[1:], node
    match node:
        case MappingNode(value=[(ScalarNode(value=key), inner)]) if _is_function(key):
            return str(key).removeprefix("Fn::"), inner
    return None


def is_function(node: Node) -> bool:
    """Whether a node calls a function."""
    return _function(node) is not None


def _untagged(node: Node) -> Node:
    """A scalar without the tag of its function, so that it is read as the text that it is."""
    if isinstance(node, ScalarNode):
        return ScalarNode(
            "tag:yaml.org,2002:str", node.value, node.start_mark, node.end_mark, node.style
        )
    return node


def _inner(node: Node) -> list[Node]:
    """The nodes inside of a node."""
    match node:
        case MappingNode():
            return [each for pair in node.value for each in pair]
        case SequenceNode():
            return list(node.value)
    return []


def _root(source: SourceText) -> Node:
    import yaml

    try:
        found = yaml.compose(source.text, Loader=yaml.SafeLoader)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
        raise TemplateError(f"{error.problem or 'this is not YAML'}.", *place) from None
    except (YAMLError, ValueError):
        raise TemplateError("This is neither YAML nor JSON.") from None
    except RecursionError:
        raise TemplateError("This is nested too deeply: not read.") from None
    if not isinstance(found, MappingNode):
        raise TemplateError("This is not a template: its top level is not a mapping.")
    return found


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    if not isinstance(node, MappingNode):
        return []
    return [(str(key.value), each) for key, each in node.value if isinstance(key, ScalarNode)]


def _child(node: Node | None, name: str) -> Any:
    return next((each for key, each in _pairs(node) if key == name), None)
