"""Which models are recommended: the best that is comfortable, and a small one beside it."""

import os

import pytest

from qwen3cli.machine.memory import shape_of
from qwen3cli.machine.plan import Resources, plan_for
from qwen3cli.machine.verdicts import Verdict, recommended
from qwen3cli.models.catalogue_file import read_catalogue

GIB = 2**30


@pytest.mark.parametrize(
    ("gib", "bandwidth", "names"),
    [
        (64, 400e9, ["32b", "8b"]),
        (24, 40e9, ["30b-a3b", "4b"]),
        (8, 60e9, ["8b", "1.7b"]),
        (2, 40e9, ["0.6b"]),
        (0.5, 40e9, []),
    ],
)
def test_a_small_model_stands_beside_the_best_one(gib, bandwidth, names):
    resources = Resources(round(gib * GIB), bandwidth)
    verdicts = [
        Verdict(entry, each, plan_for(shape_of(entry, each), resources))
        for entry in read_catalogue(os.environ)
        for each in entry.quantizations
    ]
    assert [each.entry.name for each in recommended(verdicts)] == names
