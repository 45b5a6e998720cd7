"""How the next token is chosen, and what Qwen3's authors recommend for it.

Values only: the native sampler chain is built in `engine/llama.py`.
"""

from dataclasses import asdict, dataclass, replace

from qwen3cli.base.errors import UsageProblem

# llama.cpp's own window for penalties (`--repeat-last-n`); the model cards' presence penalty was advised with it.
PENALTY_WINDOW_TOKENS = 64
# llama.cpp's seeds have 32 bits, and it takes the largest for a wish to draw one itself (LLAMA_DEFAULT_SEED).
MOST_SEED = 2**32 - 2


@dataclass(frozen=True, slots=True)
class Sampling:
    """One complete set of sampling parameters. `temperature` 0 takes the likeliest token every time."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    presence_penalty: float


@dataclass(frozen=True, slots=True)
class SamplingOverrides:
    """What the user set; None is not set."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None

    def over(self, defaults: Sampling) -> Sampling:
        """The defaults with every wish in its place.

        Raises:
            UsageProblem: a value lies outside its range.
        """
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return checked(replace(defaults, **given))


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """What a model is sampled with when nobody says otherwise, in either mode."""

    thinking: Sampling
    direct: Sampling


# Qwen3 model cards, "Best Practices"; the presence penalty is the GGUF cards' advice for quantized files.
QWEN3 = SamplingDefaults(
    thinking=Sampling(0.6, 0.95, 20, 0.0, 1.5), direct=Sampling(0.7, 0.8, 20, 0.0, 1.5)
)
# The embedded demo model repeats digits on purpose, which a presence penalty would forbid.
DEMO = SamplingDefaults(
    thinking=Sampling(0.2, 0.95, 20, 0.0, 0.0), direct=Sampling(0.2, 0.95, 20, 0.0, 0.0)
)
# A file that is not Qwen3 and says nothing of itself: llama.cpp's defaults without its penalties.
FOREIGN = SamplingDefaults(
    thinking=Sampling(0.8, 0.95, 40, 0.05, 0.0), direct=Sampling(0.8, 0.95, 40, 0.05, 0.0)
)

_RANGES = {
    "temperature": (0.0, 5.0),
    "top_p": (0.0, 1.0),
    "top_k": (0, 1_000_000),
    "min_p": (0.0, 1.0),
    "presence_penalty": (-2.0, 2.0),
}


def checked(sampling: Sampling) -> Sampling:
    """The same sampling, if every value lies in its range.

    Raises:
        UsageProblem: names the value and its range.
    """
    for name, (low, high) in _RANGES.items():
        value = getattr(sampling, name)
        if not low <= value <= high:
            raise UsageProblem(
                f"{name.replace('_', ' ')} is {value}, but must lie between {low} and {high}"
            )
    return sampling
