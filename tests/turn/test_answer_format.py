"""An answer held to a schema or a grammar, after the thoughts, by the real engine on the demo model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qwen3cli.base.errors import FormatNotMet, UsageProblem
from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.sampling import DEMO, QWEN3, sampling
from qwen3cli.engine.grammar import Grammar, text_grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import demo
from qwen3cli.turn.answer_format import schema_format
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.turn import TurnOptions, assistant_message


@pytest.fixture(scope="module")
def loaded() -> Iterator[LoadedModel]:
    resources = this_machine({}, measured=False).resources
    opened = load_model(prepare(demo(), LoadOptions(), resources), lambda _share: True)
    yield opened
    opened.close()


def asked(
    loaded: LoadedModel, grammar: Grammar, *, thinking: bool, seed: int = 1, wild: bool = False
) -> tuple[Message, TurnDone]:
    """The demo's answer to a sum; `wild` next to noise, so that only the grammar shapes it."""
    chosen = sampling(QWEN3.direct, {"temperature": 5.0}) if wild else sampling(DEMO.thinking, {})
    options = TurnOptions(
        thinking=thinking, sampling=chosen, seed=seed, max_tokens=900, grammar=grammar
    )
    question = Message(Role.USER, "What is 478 + 856?")
    events = list(loaded.turn([question], options, NoControl()))
    done = events[-1]
    assert isinstance(done, TurnDone)
    return assistant_message(events), done


def test_the_model_thinks_freely_and_then_answers_in_the_form(loaded):
    grammar = text_grammar('start: "478 + 856 = " /[0-9]{4}/ " apples"', "g")
    message, done = asked(loaded, grammar, thinking=True)
    assert message.thinking.endswith("turned: 1334")
    assert message.content == "478 + 856 = 1334 apples"
    assert done.finish is FinishReason.STOP


def test_without_thinking_the_form_begins_at_once(loaded):
    message, _ = asked(loaded, schema_format("sum int").grammar, thinking=False)
    assert message.thinking == ""
    assert list(json.loads(message.content)) == ["sum"]


# Schemas whose documents are bounded, so that even noise comes to an end.
leaves = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-9999, 9999),
        st.integers(0, 999),
    ),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 12)),
    st.builds(
        lambda words: {"enum": words},
        st.lists(st.text(max_size=8) | st.integers() | st.none(), min_size=1, max_size=4),
    ),
    st.builds(lambda value: {"const": value}, st.text(max_size=40) | st.booleans()),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4)
    return fields.flatmap(
        lambda named: st.builds(
            lambda required: {
                "type": "object",
                "properties": named,
                "required": sorted(required),
                "additionalProperties": False,
            },
            st.sets(st.sampled_from(sorted(named))) if named else st.just(set()),
        )
    )


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda items, most: {"type": "array", "items": items, "maxItems": most},
        inner,
        st.integers(0, 3),
    )


schemas = st.recursive(
    leaves,
    lambda inner: (
        objects(inner)
        | arrays(inner)
        | st.builds(
            lambda each: {"anyOf": each},
            st.lists(inner, min_size=1, max_size=3),
        )
    ),
    max_leaves=6,
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schema=schemas, seed=st.integers(0, 2**31))
def test_every_answer_meets_its_schema_however_wild_the_model(loaded, schema, seed):
    form = schema_format(json.dumps(schema)) if isinstance(schema, dict) else None
    assert form is not None
    message, done = asked(loaded, form.grammar, thinking=False, seed=seed, wild=True)
    if done.finish is FinishReason.STOP:
        form.check(message.content)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ('root ::= ("yes" | "no") "."', {"yes.", "no."}),
        ('start: ("yes" | "no") "."', {"yes.", "no."}),
        ("start: /[ab]{3}/", {a + b + c for a in "ab" for b in "ab" for c in "ab"}),
    ],
)
def test_grammars_of_both_languages_hold(loaded, text, allowed):
    message, _ = asked(loaded, text_grammar(text, "g"), thinking=True, wild=False)
    assert message.content in allowed
    assert message.thinking


def test_an_answer_that_is_cut_does_not_meet_its_schema():
    with pytest.raises(FormatNotMet, match="no JSON"):
        schema_format("name").check('{"name": "x')


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('{"type": "obj"}', "'obj' is not valid"),
        ('{"a": 1,}', "line 1, column"),
        ('{"properties": {"a": {"uniqueItems": true}}}', "uniqueItems at #/properties/a"),
        ('{"not": {"type": "string"}}', "not at #"),
        ('{"oneOf": [{"type": "string"}, {"minLength": 2}]}', "oneOf at #"),
        ('{"$ref": "https://example.org/x.json"}', "it is not fetched"),
        ("name, age intt", "'age intt'"),
        ("no/such/file.json", "no such file"),
        ("", "cannot read"),
        ("[1, 2]", "cannot read"),
    ],
)
def test_a_schema_that_cannot_be_held_is_refused_with_its_place(given, says):
    with pytest.raises(UsageProblem) as refused:
        schema_format(given)
    assert says in refused.value.message


@pytest.mark.parametrize("flags", [("--schema", '{"$ref": "#"}'), ("--grammar", "endless.gbnf")])
def test_a_form_that_no_answer_can_ever_have_is_refused_as_that(qwen3, flags):
    (qwen3.folder / "endless.gbnf").write_text("root ::= root", encoding="utf-8")
    done = qwen3("ask", "--no-think", *flags, "hi")
    assert (done.code, done.stdout) == (2, b"")
    assert "allows no answer that has an end" in done.stderr


def test_the_short_form_makes_a_schema():
    assert schema_format(
        "name, age int?, tags [string], mood happy|sad, why: the cause"
    ).schema == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "mood": {"enum": ["happy", "sad"]},
            "why": {"type": "string", "description": "the cause"},
        },
        "required": ["name", "tags", "mood", "why"],
        "additionalProperties": False,
    }


def test_branches_that_exclude_each_other_can_be_held(loaded):
    cat, dog = (
        {
            "type": "object",
            "properties": {"kind": {"const": kind}, "name": {"enum": ["Tom", "Rex"]}},
            "required": ["kind", "name"],
            "additionalProperties": False,
        }
        for kind in ("cat", "dog")
    )
    branches = [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}]
    schema = {"oneOf": branches, "$defs": {"cat": cat, "dog": dog}}
    form = schema_format(json.dumps(schema))
    message, _ = asked(loaded, form.grammar, thinking=False, wild=True)
    form.check(message.content)
