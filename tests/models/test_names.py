"""The names people bring for a model: each means one, and a name with two meanings none."""

import pytest

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.names import is_name, read_name

CATALOGUE = read_catalogue({})
HYBRIDS = [each for each in CATALOGUE if each.thinking == "hybrid"]


def meant(spec: str) -> str:
    assert is_name(spec)
    return str(read_name(spec, CATALOGUE))


@pytest.mark.parametrize(
    ("spec", "means"),
    [
        ("8B", "8b"),
        (" 8b ", "8b"),
        ("8b-q8_0", "8b:q8_0"),
        ("8b@Q8_0", "8b:q8_0"),
        ("8b:latest", "8b"),
        ("qwen3:8b", "8b"),
        ("qwen3:8b-q4_K_M", "8b:q4_k_m"),
        ("qwen3:8b:q4_k_m", "8b:q4_k_m"),
        ("qwen3:latest", "8b"),
        ("qwen3:4b-q4_K_M", "4b:q4_k_m"),
        ("qwen3:30b-a3b-thinking-2507-q4_K_M", "30b-a3b-thinking-2507:q4_k_m"),
        ("qwen-3-8b", "8b"),
        ("qwen/qwen3-8b@q4_k_m", "8b:q4_k_m"),
        ("Qwen3-235B-A22B-Q4_K_M-00001-of-00005.gguf", "235b-a22b:q4_k_m"),
        ("https://huggingface.co/Qwen/Qwen3-8B-GGUF/tree/main", "8b"),
        (
            "https://huggingface.co/Qwen/Qwen3-8B-GGUF/blob/main/Qwen3-8B-Q5_0.gguf",
            "hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q5_0.gguf",
        ),
        ("hf.co/Some/Repo/sub/x.gguf", "hf:Some/Repo/sub/x.gguf"),
    ],
)
def test_a_name_means_one_model(spec, means):
    assert meant(spec) == means


def test_every_model_is_meant_by_its_own_names_and_no_other_release_is():
    for entry in CATALOGUE:
        for name in (entry.name, entry.title, entry.title.lower(), f"{entry.title}-GGUF"):
            assert meant(name) == entry.name
        for prefix in ("Qwen/", "hf.co/Qwen/", "https://huggingface.co/Qwen/", "hf:Qwen/"):
            assert meant(prefix + entry.title) == entry.name


def test_every_file_is_meant_by_its_own_names_and_no_other_publishers_is():
    for entry in CATALOGUE:
        for each in entry.quantizations:
            exact = f"{entry.name}:{each.name}"
            label = each.name.partition("-")[0].upper()
            assert meant(f"{each.repository}:{label}") == exact
            assert meant(f"hf.co/{each.repository}:{label}") == exact
            for glued in (f"{entry.title}-{each.name}", f"qwen3:{entry.name}-{each.name}"):
                assert meant(glued) == exact
            if "-" not in each.name:
                assert meant(f"{entry.title}-{label}.gguf") == exact


@pytest.mark.parametrize(
    "entry", [each for each in HYBRIDS if each.name in ("4b", "30b-a3b", "235b-a22b")]
)
def test_an_ollama_tag_that_moved_to_a_later_release_means_neither(entry):
    with pytest.raises(ModelNotFound, match="two meanings") as refused:
        meant(f"qwen3:{entry.name}")
    for each in (entry.name, f"{entry.name}-thinking-2507", f"{entry.name}-instruct-2507"):
        assert f"--size {each}" in refused.value.hint


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("30b", "did you mean 30b-a3b or"),
        ("qwen3:30b", "did you mean 30b-a3b or"),
        ("4b-2507", "4b-thinking-2507"),
        ("qwen3:4b-thinking", "4b-thinking-2507"),
        ("9b", "did you mean 8b"),
        ("Qwen/Qwen3-8B-FP8", "did you mean 8b?"),
        ("Qwen3-8B-Base", "did you mean 8b?"),
        ("qwen3", "the sizes are 0.6b, 1.7b"),
        ("qwen3.5-9b", "the sizes are"),
        ("8b:q3_k_s", "one of: q4_k_m"),
        ("8b-q3_k_s", "one of: q4_k_m"),
        (
            "lmstudio-community/Qwen3-8B-GGUF:Q8_0",
            "the catalogue has 8b:q8_0; any file of the hub is",
        ),
        ("unsloth/Qwen3-0.6B-GGUF", "the catalogue has 0.6b:q5_k_m, 0.6b:q6_k"),
        ("meta/llama", "hf:meta/llama/FILE.gguf"),
    ],
)
def test_a_name_of_nothing_is_told_what_is_nearest(spec, hint):
    with pytest.raises(ModelNotFound) as refused:
        meant(spec)
    assert hint in refused.value.hint


@pytest.mark.parametrize("spec", ["hf:Qwen/x.gguf", "hf:../x/y.gguf", "https://example.org/x.gguf"])
def test_an_address_without_a_file_of_the_hub_is_refused(spec):
    with pytest.raises(UsageProblem, match="names no file"):
        meant(spec)


@pytest.mark.parametrize(
    "spec", ["./8b", "../x/8b", "/8b", "~/8b", "a/b/c", "Qwen/x.gguf", r"C:\8b"]
)
def test_a_path_is_no_name(spec):
    assert not is_name(spec)


def test_a_file_that_lies_here_comes_before_a_model_of_its_name(qwen3, demo):
    (qwen3.folder / "Qwen3-8B-Q4_K_M.gguf").write_bytes(demo.read_bytes())
    assert qwen3("ask", "--size", "Qwen3-8B-Q4_K_M.gguf", "Hello").code == 0
    assert qwen3("ask", "--size", "Qwen3-8B-Q8_0.gguf", "Hello").code == 3
