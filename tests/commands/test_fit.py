"""`qwen3 fit`: what this machine can run. What its sum is worth is held against llama.cpp in machine/test_memory.py."""


def test_a_model_that_does_not_fit_is_refused_with_the_nearest_that_does(qwen3):
    done = qwen3("fit", "235b-a22b", "--ctx", "4096")
    assert done.code == 4
    assert "the nearest that fits: --size" in done.stderr
