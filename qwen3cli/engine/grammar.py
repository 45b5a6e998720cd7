"""Holding a model to a grammar: which tokens may come next, and which must.

The only file that knows `llguidance`. Its tokenizer, a prefix tree over all pieces, takes half a second for 151,936 tokens,
so it is built in a thread while the prompt is read, once for a model. A mask then costs about 0.1 ms a token.

Knows tokens and grammars; does not know what an answer is for. Decisions:
- Masks go onto the logits before the sampler chain, always. Asking only after a refusal would be cheaper, but the
  refused token would count for the penalties, and a second draw from the same state would not be fair.
- White space between the parts of a JSON document is fixed as the models write it. Where it is free, a weak model
  writes blanks until its limit.
"""

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import EngineFailed, UsageProblem
from qwen3cli.dialogue.json_schema import place_of
from qwen3cli.dialogue.markers import CALL_OPEN
from qwen3cli.dialogue.schema_rewriting import holdable
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.types import TokenId
from qwen3cli.engine.vocabulary import Vocabulary

_SEPARATORS: Any = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
}
# llguidance knows tokens that are no text by this byte, which no UTF-8 has.
_SPECIAL = b"\xff"
_DEAD_END = "NoExtensionBias"  # llguidance's word for a place where no token may follow
_SILENT = 0  # llguidance's log level; what goes wrong is asked of the matcher


# What stands between the marker of a call and its object.
_LINE = r'"\n"'

CallableTool = tuple[str, Mapping[str, Any]]  # a name, and the JSON Schema of its arguments


class GrammarKind(StrEnum):
    """The languages a grammar may be written in."""

    JSON_SCHEMA = "JSON Schema"
    LARK = "Lark"
    GBNF = "GBNF"


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar that was found to be one, in llguidance's own form."""

    kind: GrammarKind
    compiled: str


def schema_grammar(schema: Any) -> Grammar:
    """The grammar of all JSON documents that meet a schema.

    Raises:
        UsageProblem: no grammar can hold it; names the keyword and its place.
    """
    from llguidance import LLMatcher

    try:
        source = json.dumps({} if schema is True else holdable(schema))
        compiled = LLMatcher.grammar_from_json_schema(source, overrides=_SEPARATORS)
        reason = _refusal(compiled)
    except (RecursionError, ValueError) as problem:
        reason = str(problem)
    if reason:
        raise UsageProblem(
            f"the schema cannot be held: {_with_place(reason, schema)}",
            "leave that keyword out and check it afterwards",
        )
    return Grammar(GrammarKind.JSON_SCHEMA, compiled)


def text_grammar(text: str, name: str) -> Grammar:
    """A grammar in GBNF or Lark; which of them is seen from `::=`.

    Raises:
        UsageProblem: it is neither, or has a fault; says which.
    """
    from llguidance import LLMatcher
    from llguidance.gbnf_to_lark import GbnfToLarkError, any_to_lark

    kind = GrammarKind.GBNF if "::=" in text else GrammarKind.LARK
    try:
        lark = any_to_lark(text) if kind is GrammarKind.GBNF else text
    except (GbnfToLarkError, ValueError) as problem:
        raise UsageProblem(f"{name} is no {kind}: {problem}") from None
    compiled = LLMatcher.grammar_from_lark(lark)
    reason = _refusal(compiled)
    if reason:
        raise UsageProblem(f"{name} is no {kind} grammar: {reason}")
    return Grammar(kind, compiled)


def calls_grammar(tools: Sequence[CallableTool]) -> Grammar:
    """The grammar of one call of any of these tools, as it stands between its markers. What no grammar can hold of a
    tool's arguments is left free; whoever runs the call checks it."""
    from llguidance import LLMatcher

    rules = [
        f"start: {_LINE}? call",
        "call: " + " | ".join(f"call{at}" for at in range(len(tools))),
    ]
    for at, (name, schema) in enumerate(tools):
        begin = json.dumps(json.dumps({"name": name}, ensure_ascii=False)[:-1] + ', "arguments": ')
        held = json.dumps(_held_arguments(schema) | {"x-guidance": _SEPARATORS})
        rules += [f'call{at}: {begin} arguments{at} "}}"', f"arguments{at}: %json {held}"]
    return Grammar(GrammarKind.LARK, LLMatcher.grammar_from_lark("\n".join(rules)))


def prose_grammar() -> Grammar:
    """The grammar of an answer that says something, and calls nothing."""
    from llguidance import LLMatcher

    anything, call = "(?s:.*)", re.escape(CALL_OPEN)
    rule = f"start: TEXT\nTEXT: /{anything}\\S{anything}/ & ~/{anything}{call}{anything}/"
    return Grammar(GrammarKind.LARK, LLMatcher.grammar_from_lark(rule))


def _held_arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a tool's arguments as far as a grammar can hold it, with no arguments but those it names."""
    from llguidance import LLMatcher

    try:
        closed = {"additionalProperties": False} if schema.get("properties") else {}
        rewritten: dict[str, Any] = {"type": "object"} | closed | holdable(dict(schema))
        compiled = LLMatcher.grammar_from_json_schema(json.dumps(rewritten), overrides=_SEPARATORS)
    except (RecursionError, ValueError):
        return {"type": "object"}
    return {"type": "object"} if _refusal(compiled) else rewritten


def _refusal(compiled: str) -> str:
    from llguidance import LLMatcher

    failed, messages = LLMatcher.validate_grammar_with_warnings(compiled)
    return messages[0].strip().splitlines()[0] if failed else ""


def _with_place(reason: str, schema: Any) -> str:
    """The reason with the place of the keyword, which llguidance names without it."""
    start, _, named = reason.partition("Unimplemented keys: ")
    if named and not start:
        keys: Sequence[str] = json.loads(named)
        return ", ".join(f"{key} at {place_of(schema, key)}" for key in keys)
    if reason.startswith("oneOf"):
        place = place_of(schema, "oneOf")
        return f"oneOf at {place} has branches that may hold at once; anyOf can be held"
    return reason


class GrammarVocabulary:
    """A model's tokens as llguidance wants them. Made at once, built in a thread; whoever needs it first waits."""

    def __init__(self, words: Vocabulary) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="grammar")
        self._built: Future[Any] = self._worker.submit(_tokenizer, words)
        self._worker.shutdown(wait=False)

    def matcher(self, grammar: Grammar) -> "Matcher":
        """A new matcher at the beginning of the grammar."""
        return Matcher(self._built.result(), grammar)

    def close(self) -> None:
        """Wait until nothing reads the model any more."""
        self._built.exception()


def _tokenizer(words: Vocabulary) -> Any:
    import numpy  # noqa: F401 - here it costs nobody time; the first mask needs it
    from llguidance import LLTokenizer

    pieces = [
        _SPECIAL + words.piece(token) if words.is_marker(token) else words.piece(token)
        for token in map(TokenId, range(words.size))
    ]
    return LLTokenizer.from_llamacpp(  # type: ignore[attr-defined]  # missing in its stubs
        tokens=pieces,
        vocab_ptr=words.pointer,
        tokenize_fptr=words.tokenize_address,
        eos_token=[token for token in map(TokenId, range(len(pieces))) if words.is_end(token)],
    )


class Matcher:
    """Where in the grammar an answer is."""

    def __init__(self, tokenizer: Any, grammar: Grammar) -> None:
        from llguidance import LLMatcher

        self._matcher = LLMatcher(tokenizer, grammar.compiled, log_level=_SILENT)
        self._check()

    @property
    def may_end(self) -> bool:
        """Whether what came so far is a whole document."""
        return bool(self._matcher.is_accepting())

    @property
    def must_end(self) -> bool:
        """Whether nothing may follow."""
        return bool(self._matcher.is_stopped())

    def mask(self, row: Logits, besides: TokenId | None = None) -> None:
        """Make every token impossible that may not come next; one `besides` may."""
        import numpy as np

        logits = row.values()
        allowed = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        bits = np.unpackbits(allowed, bitorder="little")[: logits.shape[0]]
        kept = None if besides is None else logits[besides]
        logits[: bits.shape[0]][bits == 0] = -np.inf
        logits[bits.shape[0] :] = -np.inf
        if kept is not None:
            logits[besides] = kept
        self._check()

    def take(self, token: TokenId) -> list[TokenId]:
        """A token came. Returns the tokens that must follow it; they count as taken too.

        Raises:
            EngineFailed: the grammar does not allow it, or became too complex.
            UsageProblem: nothing may follow, and what came is not whole.
        """
        self._matcher.consume_token(token)
        self._check()
        forced = [TokenId(each) for each in self._matcher.compute_ff_tokens()]
        if forced:
            self._matcher.consume_tokens(list(forced))
            self._check()
        return forced

    def _check(self) -> None:
        if self._matcher.is_error():
            reason = self._matcher.get_error().splitlines()[0]
            if reason.startswith(_DEAD_END):
                raise UsageProblem(
                    "the schema or grammar allows no answer that has an end",
                    "look for a rule that needs itself",
                )
            raise EngineFailed(f"the grammar cannot be followed: {reason}", "simplify the schema")
