"""Plans in words and as JSON rows: what fits, why, how fast."""

from typing import Any

from qwen3cli.base.units import bytes_text, count_text, rate_text
from qwen3cli.machine.memory import Plan


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
    return "no speed is known" if speed is None else f"up to {rate_text(speed)}"


def placement_text(plan: Plan, layers: int) -> str:
    """What is on the GPU."""
    placement = plan.placement
    if placement.gpu_layers == 0:
        return "nothing is on a GPU"
    if placement.expert_layers_on_cpu:
        return (
            f"on the GPU all but the experts of {placement.expert_layers_on_cpu} of {layers} layers"
        )
    if placement.gpu_layers > layers:
        return "all of it on the GPU"
    return f"{placement.gpu_layers} of {layers} layers on the GPU"


def plan_text(title: str, plan: Plan, layers: int) -> str:
    """The sum, line by line."""
    parts, free = plan.sum, bytes_text(plan.free_bytes)
    lines = [
        f"{title} at {count_text(plan.context_tokens)} tokens of context",
        f"  weights   {bytes_text(parts.weights_bytes)}",
        f"  KV cache  {bytes_text(parts.kv_bytes)} ({plan.kv_type})",
        f"  compute   {bytes_text(parts.compute_bytes)}",
        f"  process   {bytes_text(parts.process_bytes)}",
        f"  in all    {bytes_text(parts.total_bytes)}; {placement_text(plan, layers)}",
        f"  memory    {bytes_text(plan.main_bytes)} of {free} free: {verdict_word(plan)}",
    ]
    if plan.tokens_per_second is not None:
        speed = rate_text(plan.tokens_per_second)
        lines.append(f"  speed     up to {speed}, as far as memory bandwidth allows")
    return "\n".join(lines) + "\n"


def plan_row(name: str, plan: Plan) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "model": name,
        "context_tokens": plan.context_tokens,
        "kv_type": plan.kv_type.value,
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
