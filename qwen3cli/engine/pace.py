"""How long a draft should be, by what checking has cost and how often drafts held, both measured while the answer is made.

    cost        seconds of a decode, by the size of its batch
    chance      that the next token of a draft holds, by the length of the match it comes from
    balance     seconds that drafts have saved so far; when they have lost too much, there are no more

Knows numbers alone: no tokens, no clock.
"""

# Batches that drafts are checked in: few sizes, so that each is soon measured.
_BATCHES = (4, 8, 16, 32)
LONGEST_DRAFT_TOKENS = _BATCHES[-1] - 1
# What a further token of a batch costs, in tokens decoded alone, until that was measured (0.6B shape, Q4_K_M, two cores, depth
# 512: batches of 8, 16 and 32 took 3.5, 4.4 and 7.2).
_FIRST_SHARE = 0.2
# How much the last measurement counts against those before it: costs rise with depth, and other work comes and goes.
_NEWEST = 0.2
# A draft must promise this much more than decoding alone, which is certain.
_MARGIN = 1.15
# How many drafted tokens the guess counts as that a match of n tokens holds n times out of n + 1.
_GUESS_WEIGHT = 2.0
# What drafts may lose: so many tokens' time, and this share of the time that passed.
_STAKE_TOKENS, _STAKE_SHARE = 4.0, 0.01


class Pace:
    """What was measured in one answer."""

    def __init__(self) -> None:
        self._cost: dict[int, float] = {}  # by the size of the batch
        self._held: dict[
            int, tuple[int, int]
        ] = {}  # by class of match: tokens that held, drafts that broke
        self._balance = 0.0
        self._seconds = 0.0

    def measured(self, batch_tokens: int, seconds: float) -> None:
        """A decode of so many tokens took so long."""
        size = _size(batch_tokens)
        before = self._cost.get(size, seconds)
        self._cost[size] = before + _NEWEST * (seconds - before)
        self._seconds += seconds

    def checked(self, match_tokens: int, drafted: int, accepted: int, seconds: float) -> None:
        """So many tokens of a draft held, which was checked in so long."""
        held, broke = self._held.get(_kind(match_tokens), (0, 0))
        self._held[_kind(match_tokens)] = held + accepted, broke + (accepted < drafted)
        self._balance += (1 + accepted) * self._cost.get(1, 0.0) - seconds

    def draft_tokens(self, match_tokens: int) -> int:
        """How long a draft pays best behind such a match; 0: none does."""
        alone = self._cost.get(1)
        if alone is None or self._balance + self._stake(alone) < 0:
            return 0
        chance = self._chance(match_tokens)
        gains = {
            size - 1: _expected(chance, size - 1) * alone / self._batch_cost(size, alone)
            for size in _BATCHES
        }
        best = max(gains, key=lambda length: gains[length])
        return best if gains[best] >= _MARGIN else 0

    def _stake(self, alone: float) -> float:
        return _STAKE_TOKENS * alone + _STAKE_SHARE * self._seconds

    def _chance(self, match_tokens: int) -> float:
        held, broke = self._held.get(_kind(match_tokens), (0, 0))
        guess = match_tokens / (match_tokens + 1)
        return (held + guess * _GUESS_WEIGHT) / (held + broke + _GUESS_WEIGHT)

    def _batch_cost(self, size: int, alone: float) -> float:
        return self._cost.get(size, alone * (1 + _FIRST_SHARE * (size - 1)))


def _expected(chance: float, length: int) -> float:
    """How many tokens a checked draft gives: the one behind it, and those that hold."""
    return (1 - chance ** (length + 1)) / (1 - chance)


def _size(batch_tokens: int) -> int:
    """The size that a batch is measured as: the next larger one."""
    if batch_tokens == 1:
        return 1
    return next((size for size in _BATCHES if size >= batch_tokens), _BATCHES[-1])


def _kind(match_tokens: int) -> int:
    """Matches of 3, 4 to 7, 8 to 15, 16 and more tokens are counted apart."""
    return min(match_tokens.bit_length(), 5)
