"""Plans in words and as JSON rows: what fits, why, how fast."""

from collections.abc import Sequence
from typing import Any

from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import bytes_text, count_text, rate_text
from qwen3cli.machine.plan import Plan
from qwen3cli.machine.verdicts import Verdict


def verdict_word(plan: Plan) -> str:
    """One word for a table."""
    if not plan.fits:
        return "too large"
    return "fits" if plan.is_comfortable else "fits, slow"


def speed_text(tokens_per_second: float | None) -> str:
    """A bound on the speed for a column of such; empty where none is known."""
    return "" if tokens_per_second is None else f"{tokens_per_second:,.1f}"


def speed_words(plan: Plan) -> str:
    """A bound on the speed in a sentence."""
    speed = plan.tokens_per_second
    if speed is None:
        return "no speed is known"
    return f"{'about' if plan.is_speed_seen else 'up to'} {rate_text(speed)}"


def placement_text(plan: Plan) -> str:
    """What is on the GPU."""
    placement, layers = plan.placement, plan.layers.layers
    if placement.gpu_layers == 0:
        return "nothing is on a GPU"
    if placement.expert_layers_on_cpu:
        return (
            f"on the GPU all but the experts of {placement.expert_layers_on_cpu} of {layers} layers"
        )
    if placement.gpu_layers > layers:
        return "all of it on the GPU"
    return f"{placement.gpu_layers} of {layers} layers on the GPU"


def second_plan_text(plan: Plan) -> str:
    """What to know of a model whose first plan could not be had."""
    return f"the GPU had less memory than it said: {placement_text(plan)}"


def plan_text(title: str, plan: Plan) -> str:
    """The plan with its sum, line by line."""
    parts, free = plan.sum, bytes_text(plan.free_bytes)
    lines = [
        f"{visible(title)} at {count_text(plan.tokens)} tokens of context, {_longest(plan)}",
        f"  weights   {bytes_text(parts.weights_bytes)}",
        f"  KV cache  {bytes_text(parts.kv_bytes)} ({plan.kv_type})",
        f"  compute   {bytes_text(parts.compute_bytes)}",
        f"  process   {bytes_text(parts.process_bytes)}",
        f"  in all    {bytes_text(parts.total_bytes)}; {placement_text(plan)}",
        f"  memory    {bytes_text(plan.main_bytes)} of {free} free: {verdict_word(plan)}",
        f"  computes  {_threads(plan.threads)}, flash attention {plan.flash_attention}",
    ]
    if plan.tokens_per_second is not None:
        speed = rate_text(plan.tokens_per_second)
        told = (
            f"about {speed}, by what bench has measured here"
            if plan.is_speed_seen
            else f"up to {speed}, as far as memory bandwidth allows"
        )
        lines.append(f"  speed     {told}")
    return "\n".join(lines) + "\n"


def _longest(plan: Plan) -> str:
    """How far the context may grow, and whether YaRN stretches it so far."""
    original = plan.yarn_original_tokens
    yarn = f" by YaRN from {count_text(original)}" if original is not None else ""
    return f"{count_text(plan.limit_tokens)} at most{yarn}"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def recommendation_text(advice: Sequence[Verdict]) -> str:
    """The models to begin with, the best one first; nothing if none fits."""
    lines = []
    for words, each in zip(("Recommended here", "Much smaller"), advice, strict=False):
        size = bytes_text(each.plan.sum.weights_bytes)
        lines.append(
            f"{words}: qwen3 chat --size {each.entry.name} ({size}, {speed_words(each.plan)})\n"
        )
    return "".join(lines)


def plan_row(name: str, plan: Plan) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "model": name,
        "context_tokens": plan.tokens,
        "longest_context_tokens": plan.limit_tokens,
        "yarn_original_tokens": plan.yarn_original_tokens,
        "kv_type": plan.kv_type.value,
        "flash_attention": plan.flash_attention.value,
        "threads": plan.threads,
        "weights_bytes": plan.sum.weights_bytes,
        "kv_bytes": plan.sum.kv_bytes,
        "compute_bytes": plan.sum.compute_bytes,
        "process_bytes": plan.sum.process_bytes,
        "total_bytes": plan.sum.total_bytes,
        "gpu_layers": plan.placement.gpu_layers,
        "expert_layers_on_cpu": plan.placement.expert_layers_on_cpu,
        "gpu_bytes": plan.gpu_bytes,
        "memory_bytes": plan.main_bytes,
        "free_bytes": plan.free_bytes,
        "tokens_per_second": rounded(plan.tokens_per_second),
        "fits": plan.fits,
    }


def rounded(value: float | None) -> float | None:
    """One digit is all a bound deserves."""
    return None if value is None else round(value, 1)
