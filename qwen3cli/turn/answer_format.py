"""The form an answer must have: a JSON Schema or a grammar, read from what the user gave, and the check at the end.

Found wrong before a model is loaded. Holding the model to it is `engine/grammar`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import FormatNotMet
from qwen3cli.dialogue.json_schema import broken_promise, read_schema, written_schema
from qwen3cli.documents.text import read_document
from qwen3cli.engine.grammar import Grammar, schema_grammar, text_grammar


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """What holds the answer and, if that is a schema, the schema as it was given."""

    grammar: Grammar
    schema: Any = None

    def check(self, answer: str) -> None:
        """Hold the whole answer against the schema, with a library that shares nothing with what held the model.

        Raises:
            FormatNotMet: says where and why.
        """
        reason = "" if self.schema is None else broken_promise(self.schema, answer)
        if reason:
            raise FormatNotMet(f"the answer does not meet the schema: {reason}", "ask once more")


def schema_format(given: str) -> AnswerFormat:
    """From `--schema`: JSON, a file of JSON, or the short form.

    Raises:
        UsageProblem: it cannot be read, or cannot be held; says where.
    """
    bare = given.strip()
    if not bare.startswith("{") and _names_a_file(bare):
        schema = read_schema(read_document(Path(bare)).document.text, bare)
    else:
        schema = written_schema(bare, "--schema")
    return AnswerFormat(schema_grammar(schema), schema)


def grammar_format(path: Path) -> AnswerFormat:
    """From `--grammar`: a file of GBNF or Lark.

    Raises:
        UsageProblem: it cannot be read, or is neither.
    """
    return AnswerFormat(text_grammar(read_document(path).document.text, str(path)))


def _names_a_file(given: str) -> bool:
    try:
        return given.endswith(".json") or "/" in given or Path(given).is_file()
    except (OSError, ValueError):  # no name that a system takes
        return False
