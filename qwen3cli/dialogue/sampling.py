"""How the next token is chosen: one record for each setting, and what is recommended for each kind of model.

The records are all there is to a setting: its flag, its line in the configuration, its word in `/set`, the check of
`models.toml` and its link of llama.cpp's sampler chain are read from them. Values only: `engine/sampler.py` makes the
chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.ranges import Range

# A value for every one of `SETTINGS`, by name. And for some of them: what a user or a model's entry has set.
Sampling: TypeAlias = Mapping[str, float]
SomeSampling: TypeAlias = Mapping[str, float]


class Argument(Enum):
    """What the chain is made with where a record says so."""

    VALUE = "the setting's own value"
    VOCABULARY = "how many tokens the model knows"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set by its name. `also` are further names for its flag."""

    name: str
    metavar: str
    help: str
    range: Range
    also: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def flags(self) -> tuple[str, ...]:
        """How it is typed on the command line."""
        return (*self.also, "--" + self.name.replace("_", "-"))

    def checked(self, value: float) -> float:
        """The value as a number of the right kind.

        Raises:
            UsageProblem: it is out of range, or a fraction where there are none.
        """
        if value not in self.range:
            raise UsageProblem(f"{self.name} takes {self.range}, not {value:.10g}")
        return int(value) if self.range.whole else float(value)


@dataclass(frozen=True, slots=True)
class SamplerSetting(Setting):
    """A setting that is a link of llama.cpp's sampler chain.

    `unset` is its value where nobody gives one, and has no effect. `native` is how the link is made: what follows
    `llama_sampler_init_`, and the arguments.
    """

    unset: float
    native: tuple[str | float | Argument, ...]


_VALUE = Argument.VALUE
_SHARE = Range(0, 1, whole=False)
# llama.cpp's own window for penalties (`--repeat-last-n`); the model cards' presence penalty was advised with it.
_PENALTIES = ("penalties", Argument.VOCABULARY, 64)
_PENALTY_RANGE = Range(-2, 2, whole=False)  # OpenAI's, which the other tools took over
_KEPT_TOKENS = 1  # however little the rule leaves

TEMPERATURE: Final = SamplerSetting(
    "temperature",
    "T",
    "Higher is more varied. 0: always the likeliest token.",
    range=Range(0, 5, whole=False),
    unset=1.0,
    also=("--temp",),
    native=("temp", _VALUE),
)

# In llama.cpp's order: the penalties, then what cuts the tail off, then what warms the rest.
SETTINGS: Final = (
    SamplerSetting(
        "repeat_penalty",
        "X",
        "Divides the score of tokens used lately. 1: off.",
        range=Range(0.1, 10, whole=False),  # llama.cpp takes any above 0
        unset=1.0,
        native=(*_PENALTIES, _VALUE, 0.0, 0.0),
    ),
    SamplerSetting(
        "frequency_penalty",
        "X",
        "Lowers the score of a token for each time it was used lately. 0: off.",
        _PENALTY_RANGE,
        unset=0.0,
        native=(*_PENALTIES, 1.0, _VALUE, 0.0),
    ),
    SamplerSetting(
        "presence_penalty",
        "X",
        "Lowers the score of tokens used lately, once. 0: off.",
        _PENALTY_RANGE,
        unset=0.0,
        native=(*_PENALTIES, 1.0, 0.0, _VALUE),
    ),
    SamplerSetting(
        "top_n_sigma",
        "N",
        "Keep tokens scored within N standard deviations of the best. 0: all.",
        range=Range(0, 100, whole=False),
        unset=0.0,
        native=("top_n_sigma", _VALUE),
    ),
    SamplerSetting(
        "top_k",
        "K",
        "Keep the K likeliest tokens. 0: all.",
        range=Range(0, 1_000_000),
        unset=0,
        native=("top_k", _VALUE),
    ),
    SamplerSetting(
        "typical_p",
        "P",
        "Keep tokens about as surprising as expected, up to a sum of P. 1: all.",
        _SHARE,
        unset=1.0,
        native=("typical", _VALUE, _KEPT_TOKENS),
    ),
    SamplerSetting(
        "top_p",
        "P",
        "Keep the likeliest tokens up to a sum of P. 1: all.",
        _SHARE,
        unset=1.0,
        native=("top_p", _VALUE, _KEPT_TOKENS),
    ),
    SamplerSetting(
        "min_p",
        "P",
        "Keep tokens at least P times as likely as the best. 0: all.",
        _SHARE,
        unset=0.0,
        native=("min_p", _VALUE, _KEPT_TOKENS),
    ),
    TEMPERATURE,
)
# What is set in the same places, and is no link of the chain. llama.cpp's seeds have 32 bits, and it takes the largest
# for the wish to draw one itself (LLAMA_DEFAULT_SEED).
MAX_TOKENS: Final = Setting(
    "max_tokens", "N", "Most tokens, thoughts included.", Range(1), also=("-n",)
)
SEED: Final = Setting("seed", "N", "Makes an answer repeatable.", Range(0, 2**32 - 2))
# As they are listed for people, who look for the temperature first.
ALL_SETTINGS: Final = (*reversed(SETTINGS), MAX_TOKENS, SEED)


def sampling(defaults: SomeSampling, *changes: SomeSampling) -> Sampling:
    """The defaults with every change over them, and what none of them says without effect.

    Raises:
        UsageProblem: a value lies outside its range.
    """
    given = {each.name: each.unset for each in SETTINGS} | dict(defaults)
    for layer in changes:
        given |= layer
    return {each.name: each.checked(given[each.name]) for each in SETTINGS}


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """What a model is sampled with when nobody says otherwise, in either mode."""

    thinking: SomeSampling = field(default_factory=dict)
    direct: SomeSampling = field(default_factory=dict)

    def changed(self, own: "SamplingDefaults") -> "SamplingDefaults":
        """These, where `own` says nothing."""
        return SamplingDefaults({**self.thinking, **own.thinking}, {**self.direct, **own.direct})


# Qwen3 model cards, "Best Practices"; the presence penalty is the GGUF cards' advice for quantized files.
_CARDS = {"top_k": 20, "presence_penalty": 1.5}
QWEN3: Final = SamplingDefaults(
    thinking={"temperature": 0.6, "top_p": 0.95, **_CARDS},
    direct={"temperature": 0.7, "top_p": 0.8, **_CARDS},
)
# The embedded demo model repeats digits on purpose, which a presence penalty would forbid.
_DEMO = {"temperature": 0.2, "top_p": 0.95, "top_k": 20, "presence_penalty": 0.0}
DEMO: Final = SamplingDefaults(_DEMO, _DEMO)
# A file that is not Qwen3 and says nothing of itself: llama.cpp's defaults without its penalties.
_LLAMA_CPP = {"temperature": 0.8, "top_p": 0.95, "top_k": 40, "min_p": 0.05}
FOREIGN: Final = SamplingDefaults(_LLAMA_CPP, _LLAMA_CPP)
