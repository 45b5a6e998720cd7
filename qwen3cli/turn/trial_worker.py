"""The child process that tries a model file: `python -P -m qwen3cli.turn.trial_worker FILE`.

It gives up what it does not need, then does with the file what the parent would: header, vocabulary, weights, a small
context, one token, the template. It prints one JSON object: `{}` if all went well, or the error. If llama.cpp ends this
process instead, that is an answer too.
"""

import json
import signal
import sys
from pathlib import Path

from qwen3cli.base.confinement import confine
from qwen3cli.base.errors import QwenError
from qwen3cli.base.shortage import shortage
from qwen3cli.dialogue.prompt import ChatTemplate
from qwen3cli.dialogue.templates import TemplateRenderer
from qwen3cli.engine.llama import Context, Model, Part
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import ModelFile, read_model

# Above the file's size: Python, llama.cpp and its threads' stacks take a quarter of it.
_SPARE_BYTES = 4 * 2**30
_LEAST_SECONDS = 30
# Weights are read once for one token; a slow machine manages so much a second.
_BYTES_PER_SECOND = 250 * 2**20
_CONTEXT_TOKENS = 256
# What a tokenizer may stumble over: scripts, joined and combining characters, digits, code, its own markers.
_TEXT = "Hello, wörld! 12345 你好 สวัสดี नमस्ते שלום 👩‍👩‍👧 e\u0301\r\n\t  def f(x): return x<|im_start|>user</s><think>"


def main() -> None:
    """Try the file and say how it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    path = Path(sys.argv[1])
    renderer = None
    try:
        renderer = TemplateRenderer()  # before the limits: it sets its own
        size = path.stat().st_size
        confine(size + _SPARE_BYTES, _LEAST_SECONDS + size // _BYTES_PER_SECOND)
        _try(read_model(path), renderer)
        outcome = {}
    except QwenError as error:
        outcome = _outcome(error)
    except (MemoryError, OSError, RuntimeError) as problem:
        known = shortage(problem)
        if known is None:
            raise
        outcome = _outcome(known)
    finally:
        if renderer is not None:
            renderer.close()
    sys.stdout.write(json.dumps(outcome))


def _outcome(error: QwenError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


def _try(file: ModelFile, renderer: TemplateRenderer) -> None:
    options = LoadOptions(threads=1, gpu_layers=0)
    plan = plan_for(shape_of_file(file, None, None), Resources(sys.maxsize), options)
    context_tokens = max(1, min(_CONTEXT_TOKENS, plan.limit_tokens))
    with Model.load(file, plan, mapped=True) as model:
        text = _TEXT + "".join(map(chr, range(1, 256)))
        tokens = model.vocabulary.tokenize(text, control_tokens=True) + model.vocabulary.tokenize(
            text, control_tokens=False
        )
        for token in {*tokens, *map(TokenId, range(min(_CONTEXT_TOKENS, model.vocabulary.size)))}:
            model.vocabulary.piece(token)
        context = Context(model, context_tokens, plan)
        context.decode(Part(0, 0, (tokens or [TokenId(0)])[: max(1, context_tokens // 2)]))
        context.close()
        facts = model.facts
        if facts.chat_template:
            ChatTemplate(
                lambda renders: renderer.render(facts.chat_template, renders),
                facts.bos_text,
                facts.eos_text,
            )


if __name__ == "__main__":
    main()
