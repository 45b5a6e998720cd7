"""What answered a turn, and how: everything that is needed to run it again and to see what has changed since.

A receipt is a JSON object; it is made here, and read back into options here. Knows nothing of where it is kept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qwen3cli import __version__
from qwen3cli.dialogue.events import TurnDone
from qwen3cli.engine.bindings import bindings_version
from qwen3cli.engine.devices import system_info
from qwen3cli.engine.grammar import Grammar, GrammarKind
from qwen3cli.models.choice import Choice
from qwen3cli.models.digests import model_digest
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.thinking import ThinkingLimits
from qwen3cli.turn.turn import TurnOptions


def receipt_of(choice: Choice, loaded: LoadedModel, options: TurnOptions) -> dict[str, Any]:
    """What is known before the turn runs."""
    facts, plan = loaded.model.facts, loaded.plan
    return {
        "model": {
            "spec": choice.spec,
            "title": choice.title,
            "path": str(facts.path),
            "digest": model_digest(facts.path),
        },
        "template": hashlib.sha256(facts.chat_template.encode("utf-8", "replace")).hexdigest(),
        "engine": {
            "qwen3": __version__,
            "llama-cpp-python": bindings_version(),
            "system": system_info(),
        },
        "load": {
            "context_tokens": loaded.cache.limit_tokens,
            "threads": plan.threads,
            "kv_type": plan.kv_type.value,
            "flash_attention": plan.flash_attention.name.lower(),
            "gpu_layers": plan.placement.gpu_layers,
        },
        "options": _options_json(options),
    }


def with_outcome(receipt: Mapping[str, Any], done: TurnDone) -> dict[str, Any]:
    """The same with what the turn came to; its options get the seed that was drawn."""
    return {
        **receipt,
        "options": {**receipt["options"], "seed": done.seed},
        "finish_reason": done.finish.value,
        "ran_out": None if done.ran_out is None else done.ran_out.value,
        "usage": asdict(done.usage),
        "timings": asdict(done.timings),
    }


def _options_json(options: TurnOptions) -> dict[str, Any]:
    grammar = options.grammar
    return {
        "thinking": options.thinking,
        "sampling": dict(options.sampling),
        "limits": asdict(options.limits),
        "max_tokens": options.max_tokens,
        "seed": options.seed,
        "tools": [dict(each) for each in options.tools],
        "grammar": grammar and {"kind": grammar.kind.value, "compiled": grammar.compiled},
        "begin": options.begin,
        "stops": list(options.stops),
    }


def options_of(receipt: Mapping[str, Any]) -> TurnOptions:
    """The options that a receipt tells of.

    Raises:
        KeyError, TypeError, ValueError: it tells of none.
    """
    told = dict(receipt["options"])
    grammar = told["grammar"]
    told["grammar"] = grammar and Grammar(GrammarKind(grammar["kind"]), grammar["compiled"])
    told["limits"] = ThinkingLimits(**told["limits"])
    told["tools"] = tuple(told["tools"])
    told["stops"] = tuple(told["stops"])
    return TurnOptions(**told)
