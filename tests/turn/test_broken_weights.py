"""Weights that are plainly broken are said to be so, and do not write until the context is full."""

from gguf import GGUFReader
from support.parrot import write_parrot


def test_control_characters_without_end_exit_6_with_a_word_about_the_file(qwen3, tmp_path):
    noise = bytes(byte for byte in range(1, 32) if byte not in b"\t\n\r") * 20
    chunks = [noise[at : at + 5] + bytes([1 + at % 7]) * (at // 35) for at in range(0, 300, 5)]
    model = write_parrot(tmp_path / "noise.gguf", b"", chunks=list(dict.fromkeys(chunks)))
    done = qwen3("ask", "-m", model, "hi")
    assert done.code == 6
    assert "writes control characters without end: its file is damaged" in done.stderr


def test_weights_that_are_no_numbers_exit_6_with_a_word_about_the_file(qwen3, tmp_path):
    model = write_parrot(tmp_path / "nan.gguf", b"Hello")
    reader = GGUFReader(model, "r+")
    norm = next(each for each in reader.tensors if each.name == "output_norm.weight")
    norm.data[:] = float("nan")
    reader.data.flush()
    done = qwen3("ask", "-m", model, "hi")
    assert (done.stdout, done.code) == (b"", 6)
    assert "computes no numbers (NaN): its file is damaged" in done.stderr


def test_a_text_about_control_characters_is_no_noise(qwen3, tmp_path):
    said = "ESC is \x1b, BEL is \x07 and a rule is " + "\x1b[1m" * 20
    model = write_parrot(tmp_path / "text.gguf", said.encode())
    assert qwen3("ask", "-m", model, "hi").stdout.decode() == f"{said}\n"
