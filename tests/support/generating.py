"""Tokens from the real engine on the demo model, as the tests of the engine take them."""

from qwen3cli.demo import model_path
from qwen3cli.dialogue.sampling import sampling
from qwen3cli.engine.loop import End, Generation
from qwen3cli.engine.sampler import Sampler
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

GREEDY = sampling({"temperature": 0.0})
WILD = sampling({"temperature": 5.0})  # next to noise, so that it does not end by itself
FILE = read_model(model_path())
QUESTION = (
    "<|im_start|>user\nCount to 100<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
)


def plan_with(**options):
    """A plan for the demo model without a GPU."""
    return plan_for(shape_of_file(FILE), Resources(0), LoadOptions(threads=1, **options))


PLAN = plan_with()


def generated(model, sequence, text, *, chosen_by=GREEDY, seed=1, count=120):
    """The tokens after a prompt, and how many of the prompt's were cached."""
    sampler = Sampler(chosen_by, seed, model.vocabulary.size)
    generation = Generation(model.vocabulary, sequence, sampler, count)
    prompt = model.vocabulary.tokenize(text, control_tokens=True)
    cached = [cached for _, cached in generation.prefill(prompt, lambda: False)][-1]
    tokens = []
    while generation.prepare() and not isinstance(piece := generation.step(), End):
        tokens.append(piece.token)
    sampler.close()
    return tokens, cached, piece
