"""The blocks of a Markdown text, each with its place in the source and the quotes and list items around it.

markdown-it parses. What it would lose is kept: definitions of references, empty items, text nested too deep. Knows
nothing of drawing, and nothing of what was drawn before.
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from markdown_it import MarkdownIt, rules_block
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from qwen3cli.render.markdown.literal import formula_block, literal

_Rule = Callable[[StateBlock, int, int, bool], bool]

# Quotes and lists deeper than this are text: a quote is one level, a list two. Beyond its own limit, 20, markdown-it would
# drop what it finds.
_DEEPEST_LEVEL = 16


class Kind(Enum):
    """What a block is."""

    PARAGRAPH = auto()
    HEADING = auto()
    FENCE = auto()
    CODE = auto()  # by indentation
    HTML = auto()
    RULE = auto()
    TABLE = auto()
    FORMULA = auto()
    DEFINITION = auto()  # of a reference
    EMPTY = auto()  # a quote or an item with nothing in it


@dataclass(eq=False, slots=True)
class Container:
    """A quote or a list item. `marker` is as it was written: `>`, `-`, `12.`"""

    marker: str
    line: int
    has_block: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One block, in lines `start` to `end` of the source. `opens` are those of its containers that begin with it."""

    kind: Kind
    content: str
    start: int
    end: int
    containers: tuple[Container, ...]
    opens: tuple[Container, ...]
    first: int = 0  # the line its own text begins on, and where on it
    column: int = 0
    fence: str = ""
    info: str = ""
    is_closed: bool = False


class Parser:
    """CommonMark with tables, formulas and paths. Remembers the references that were defined."""

    def __init__(self) -> None:
        self._markdown = _markdown()
        self._settled: dict[str, Any] = {}
        self._environment: dict[str, Any] = {}

    def blocks(self, source: str, *, is_open: bool) -> list[Block]:
        """All blocks of the source; if it `is_open`, more text may come behind it."""
        references = ChainMap[str, Any]({}, self._settled)
        self._environment = {"references": references, "open": is_open}
        tokens: list[Token] = []
        source = source if source.endswith("\n") else f"{source}\n"  # as markdown-it's rules expect
        self._markdown.block.parse(source, self._markdown, self._environment, tokens)
        return list(_blocks(tokens, source))

    def inline(self, content: str) -> list[Token]:
        """What stands in a paragraph, a heading or a cell of the source that was parsed last."""
        return self._markdown.inline.parse(content, self._markdown, self._environment, [])

    def settle(self, line: int) -> None:
        """What the source defines above this line stays defined for what comes later."""
        for label, target in self._environment["references"].maps[0].items():
            if target["map"][1] <= line:
                self._settled.setdefault(label, target)


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Any target is one: it is shown, and nothing here can be clicked."""
        return True


def _markdown() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"inline_definitions": True})
    interrupts = ["paragraph", "reference", "blockquote"]
    rules: tuple[tuple[str, _Rule, list[str]], ...] = (
        ("table", _placed(_table), ["paragraph", "reference"]),
        ("code", _placed(rules_block.code), []),
        ("formula", _placed(formula_block), [*interrupts, "list"]),
        ("fence", _placed(rules_block.fence), [*interrupts, "list"]),
        ("blockquote", _shallow(rules_block.blockquote), [*interrupts, "list"]),
        ("hr", _placed(rules_block.hr), [*interrupts, "list"]),
        ("list", _shallow(rules_block.list_block), interrupts),
        ("reference", _placed(_reference), []),
        ("html_block", _placed(rules_block.html_block), interrupts),
        ("heading", _placed(rules_block.heading), interrupts),
        ("lheading", _placed(rules_block.lheading), []),
        ("paragraph", _placed(rules_block.paragraph), []),
    )
    markdown.block.ruler = type(markdown.block.ruler)()
    for name, rule, alternatives in rules:
        markdown.block.ruler.push(name, rule, {"alt": alternatives})
    markdown.inline.ruler.before("escape", "literal", literal)
    return markdown


def _placed(rule: _Rule) -> _Rule:
    """The rule, and where in the source the block it finds begins."""

    def placed(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        start, count = state.bMarks[line] + state.tShift[line], len(state.tokens)
        found = rule(state, line, end, silent)
        if found and not silent:
            state.tokens[count].meta["start"] = start
        return found

    return placed


def _shallow(rule: _Rule) -> _Rule:
    """The rule, which finds nothing where it is deep enough."""

    def shallow(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        return state.level <= _DEEPEST_LEVEL and rule(state, line, end, silent)

    return shallow


def _reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    found = rules_block.reference(state, line, end, silent)
    if found and not silent:
        state.tokens[-1].content = state.getLines(line, state.line, state.blkIndent, False)
    return found


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A table as its lines; markdown-it would fill each short row up to the width of the head."""
    if not rules_block.table(state, line, end, True):
        return False
    if silent:
        return True
    ends = state.md.block.ruler.getRules("blockquote")
    after = line + 2  # the head and the rule below it
    while (
        after < end
        and not state.isEmpty(after)
        and state.sCount[after] >= state.blkIndent
        and not state.is_code_block(after)
        and not any(rule(state, after, end, True) for rule in ends)
    ):
        after += 1
    token = state.push("table", "", 0)
    token.content = state.getLines(line, after, state.blkIndent, False)
    token.map = [line, after]
    state.line = after
    return True


_KINDS = {
    "paragraph_open": Kind.PARAGRAPH,
    "heading_open": Kind.HEADING,
    "fence": Kind.FENCE,
    "code_block": Kind.CODE,
    "html_block": Kind.HTML,
    "hr": Kind.RULE,
    "table": Kind.TABLE,
    "formula": Kind.FORMULA,
    "definition": Kind.DEFINITION,
}


def _blocks(tokens: Sequence[Token], source: str) -> Iterator[Block]:
    containers: list[Container] = []
    for index, token in enumerate(tokens):
        if token.type in ("blockquote_open", "list_item_open"):
            assert token.map is not None
            containers.append(Container(token.info + token.markup, token.map[0]))
        elif token.type in ("blockquote_close", "list_item_close"):
            if not containers[-1].has_block:
                yield _empty(containers)
            containers.pop()
        elif token.type in _KINDS:
            inside = tokens[index + 1] if token.nesting == 1 else token
            yield _block(token, inside.content, containers, source)


def _empty(containers: Sequence[Container]) -> Block:
    opens = _opened(containers)
    line = containers[-1].line
    return Block(Kind.EMPTY, "", opens[0].line, line + 1, tuple(containers), opens, line)


def _block(token: Token, content: str, containers: Sequence[Container], source: str) -> Block:
    assert token.map is not None
    first, end = token.map
    opens, at = _opened(containers), token.meta["start"]
    is_fence = token.type == "fence"
    fences = end - first - content.count("\n")
    return Block(
        kind=_KINDS[token.type],
        content=content,
        start=min([first, *(each.line for each in opens)]),
        end=end,
        containers=tuple(containers),
        opens=opens,
        first=first,
        column=at - (source.rfind("\n", 0, at) + 1),
        fence=token.markup if is_fence else "",
        info=token.info.rstrip() if is_fence else "",
        is_closed=is_fence and fences == 2,
    )


def _opened(containers: Sequence[Container]) -> tuple[Container, ...]:
    """Those of the containers that had no block until now."""
    opens = tuple(each for each in containers if not each.has_block)
    for each in opens:
        each.has_block = True
    return opens
