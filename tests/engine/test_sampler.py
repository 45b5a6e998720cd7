"""The sampler chain on the real engine: what each setting keeps, against the same rule written out here."""

import math

import pytest

from qwen3cli.demo import model_path
from qwen3cli.dialogue.sampling import SETTINGS, sampling
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.llama import Model
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.sampler import Sampler
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

FILE = read_model(model_path())
PLAN = plan_for(shape_of_file(FILE), Resources(0), LoadOptions(threads=1))
DRAWS = 200
WINDOW_TOKENS = 64


@pytest.fixture(scope="module")
def model():
    with Model.load(FILE, PLAN) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def context(model):
    """A context after a prompt."""
    cache = KvCache(model, PLAN)
    list(cache.prefill(model.vocabulary.tokenize("Count the", control_tokens=False), lambda: False))
    yield cache.context
    cache.close()


@pytest.fixture(scope="module")
def scores(model, context):
    """How the model scores each token that may come next."""
    return bindings().llama_get_logits_ith(context.pointer, -1)[: model.vocabulary.size]


def drawn(model, context, **values: float) -> list[int]:
    """Tokens drawn again and again from the same scores; the sampler remembers each."""
    sampler = Sampler(sampling(values), 1, model.vocabulary.size)
    tokens = [int(sampler.sample(Logits(context))) for _ in range(DRAWS)]
    sampler.close()
    return tokens


def shares(scores):
    weights = [math.exp(score - max(scores)) for score in scores]
    return [weight / sum(weights) for weight in weights]


def until(order, chances, share):
    """The first of `order` whose chances add up to the share."""
    kept, added = set(), 0.0
    for token in order:
        kept.add(token)
        added += chances[token]
        if added > share:
            break
    return kept


def kept_by(name, value, scores):
    """What a setting keeps, by its definition."""
    chances = shares(scores)
    tokens = range(len(scores))
    likeliest = sorted(tokens, key=lambda token: -scores[token])
    if name == "top_k":
        return set(likeliest[:value])
    if name == "top_p":
        return until(likeliest, chances, value)
    if name == "min_p":
        return {token for token in tokens if chances[token] >= value * max(chances)}
    if name == "top_n_sigma":
        mean = sum(scores) / len(scores)
        deviation = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
        return {token for token in tokens if scores[token] >= max(scores) - value * deviation}
    assert name == "typical_p"
    surprise = [-math.log(chance) for chance in chances]
    expected = sum(chance * each for chance, each in zip(chances, surprise, strict=True))
    return until(sorted(tokens, key=lambda token: abs(surprise[token] - expected)), chances, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("top_k", 3), ("top_p", 0.5), ("min_p", 0.1), ("top_n_sigma", 1.0), ("typical_p", 0.5)],
)
def test_a_setting_cuts_off_what_its_definition_says_and_nothing_else(
    model, context, scores, name, value
):
    kept = kept_by(name, value, scores)
    assert set(drawn(model, context, temperature=5.0, **{name: value})) <= kept
    assert not set(drawn(model, context, temperature=5.0)) <= kept


@pytest.mark.parametrize(
    ("name", "value", "lowered"),
    [
        ("repeat_penalty", 1.5, lambda score, _times: score / 1.5 if score > 0 else score * 1.5),
        ("frequency_penalty", 0.5, lambda score, times: score - 0.5 * times),
        ("presence_penalty", 2.0, lambda score, _times: score - 2.0),
    ],
)
def test_a_penalty_lowers_the_score_of_what_was_said_lately(
    model, context, scores, name, value, lowered
):
    said: list[int] = []
    for _ in range(DRAWS):
        lately = said[-WINDOW_TOKENS:]
        now = [
            lowered(score, lately.count(token)) if token in lately else score
            for token, score in enumerate(scores)
        ]
        said.append(now.index(max(now)))
    assert len(set(said)) > 1
    assert drawn(model, context, temperature=0.0, **{name: value}) == said


def test_temperature_nought_takes_the_likeliest_token(model, context, scores):
    assert set(drawn(model, context, temperature=0.0)) == {scores.index(max(scores))}


def test_a_setting_without_effect_changes_nothing(model, context):
    unset = {each.name: each.unset for each in SETTINGS} | {"temperature": 2.0}
    assert drawn(model, context, **unset) == drawn(model, context, temperature=2.0)
