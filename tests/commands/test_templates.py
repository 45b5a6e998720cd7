"""`qwen3 templates` and `ask -T`: prompts by name."""

import json
from pathlib import Path

import pytest

from qwen3cli.commands.templates import built_in_folder, load_template

BUILT_IN = ["commit", "explain", "review", "summary", "translate", "webpage", "webpage-free"]


@pytest.fixture
def own(home: Path):
    """Writes a template of the user's own."""
    folder = home / ".config" / "qwen3" / "templates"
    folder.mkdir(parents=True)

    def write(name: str, text: str) -> Path:
        path = folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_every_built_in_template_is_whole_and_listed(qwen3):
    assert sorted(path.stem for path in built_in_folder().glob("*.toml")) == BUILT_IN
    for path in built_in_folder().glob("*.toml"):
        template = load_template(path)
        assert template.description
        assert "the text" in template.filled("the text", {})
    listed = json.loads(qwen3("templates", "--json").stdout)["items"]
    assert [(each["name"], each["own"]) for each in listed] == [(each, False) for each in BUILT_IN]


def test_a_template_makes_the_prompt_of_what_is_typed_piped_and_named(qwen3, tmp_path):
    (tmp_path / "n.txt").write_text("Good morning.", encoding="utf-8")
    flags = ("-T", "translate", "--param", "to=French", "--show-prompt")
    text = qwen3("ask", *flags, "-f", "n.txt", "Be formal.", stdin=b"And this.").stdout.decode()
    assert "Translate the following into French." in text
    for part in ("Be formal.", "Good morning.", "And this."):
        assert part in text


def test_what_is_filled_in_is_not_filled_in_again(qwen3, own):
    own("t", 'prompt = "{a} and {input} and {unknown}"\n[params]\na = "x"\n')
    done = qwen3("ask", "-T", "t", "--param", "a={input}", "--show-prompt", "{a}")
    assert "{input} and {a} and {unknown}" in done.stdout.decode()


def test_the_users_own_wins_over_the_built_in_and_over_nothing_that_was_given(qwen3, own):
    own("commit", 'prompt = "Mine: {input}"\nthink = true\nsystem = "S"\n[sampling]\ntop_k = 7\n')
    shown = qwen3("ask", "-T", "commit", "--show-prompt", "x").stdout.decode()
    assert "Mine: x" in shown
    assert "system\nS" in shown
    quick = qwen3("ask", "-T", "commit", "--no-think", "-s", "Other", "--show-prompt", "x")
    assert "system\nOther" in quick.stdout.decode()
    assert "</think>" in quick.stdout.decode()


def test_a_template_can_hold_the_answer(qwen3, own):
    own("yes", 'prompt = "{input}"\nschema = "ok yes|no"\nthink = false\n')
    assert json.loads(qwen3("ask", "-T", "yes", "Hello").stdout)["ok"] in ("yes", "no")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('prompt = "x"\ntool = "y"\n', "t.toml:2: unknown field tool"),
        ('prompt = "x"\nthnk = true\n', "t.toml:2: unknown field thnk, perhaps think?"),
        ('prompt = "x"\nfiles = ["/etc/passwd"]\n', "t.toml:2: unknown field files"),
        ('description = "x"\n', "prompt is missing"),
        ("prompt = 3\n", "t.toml:1: prompt must be a text"),
        ('prompt = "x"\nthink = "yes"\n', "t.toml:2: think must be true or false"),
        ('prompt = "x"\npage = "pdf"\n', "t.toml:2: page must be substance or html"),
        ('prompt = "x"\nbudget = true\n', "t.toml:2: budget must be a whole number"),
        ('prompt = "x"\n[sampling]\ntop_q = 1\n', "t.toml:3: sampling: top_q is no setting"),
        ('prompt = "x"\n[sampling]\ntop_p = 2\n', "t.toml:3: sampling: top_p takes"),
        ('prompt = "x"\nbudget = -5\n', "t.toml:2: budget must be a number of tokens"),
        ('prompt = "x"\nschema = "schema.json"\n', "t.toml:2: schema cannot read 'schema.json'"),
        ('prompt = "x"\nschema = "/etc/passwd"\n', "t.toml:2: schema cannot read '/etc/passwd'"),
        ("prompt = 'x'\nschema = '{\"type\": 7}'\n", "t.toml:2: schema: #/type: 7 is not valid"),
        (
            "prompt = 'x'\nschema = '{\"$ref\": \"file:///etc/passwd\"}'\n",
            "t.toml:2: schema: #: $ref leads outside the schema",
        ),
        ('prompt = "x"\n[params]\ninput = "y"\n', "the parameter input"),
        ("prompt = \n", "t.toml:1"),
    ],
)
def test_a_wrong_template_exits_2_with_its_line(qwen3, own, text, says):
    (qwen3.folder / "schema.json").write_text('{"enum": [1]}', encoding="utf-8")
    own("t", text)
    done = qwen3("ask", "-T", "t", "hi")
    assert (done.code, done.stdout) == (2, b"")
    assert says in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "-T", "comit", "x"], "no template is called comit, perhaps commit?"),
        (["ask", "-T", "../x", "x"], "no template is called ../x"),
        (["ask", "-T", "translate", "--param", "two=x", "x"], "has no parameter two"),
        (["ask", "-T", "translate", "--param", "to", "x"], "--param to fills in nothing"),
        (["ask", "--param", "to=x", "x"], "--param fills in a template"),
        (["templates", "show", "nothing"], "no template is called nothing"),
        (["templates", "edit", "../x"], "is no name for a template"),
    ],
)
def test_what_makes_no_sense_exits_2_and_says_so(qwen3, arguments, says):
    done = qwen3(*arguments)
    assert done.code == 2
    assert says in done.stderr


def test_a_parameter_without_a_default_has_to_be_given(qwen3, own):
    own("t", 'prompt = "{who}: {input}"\n[params]\nwho = ""\n')
    assert "--param who=..." in qwen3("ask", "-T", "t", "x").stderr


def test_edit_begins_with_the_built_in_one_and_path_says_where_it_is(terminal, qwen3, home):
    terminal.type("EDITOR=true qwen3 templates edit summary; echo code $?")
    terminal.wait_for("code 0")
    own = home / ".config/qwen3/templates/summary.toml"
    assert own.read_bytes() == (built_in_folder() / "summary.toml").read_bytes()
    assert qwen3("templates", "path", "summary").stdout.decode() == f"{own}\n"
    assert qwen3("templates", "show", "summary").stdout == own.read_bytes()


def test_one_wrong_template_does_not_hide_the_others(qwen3, own):
    own("broken", "prompt = ")
    own("mine", 'prompt = "x"\ndescription = "My own"\n')
    done = qwen3("templates")
    assert (done.code, b"My own" in done.stdout, b"translate" in done.stdout) == (2, True, True)
    assert "broken.toml:1" in done.stderr


@pytest.mark.parametrize("piped", [b"", b"\n"])
def test_a_template_that_works_on_a_text_is_not_run_on_none(qwen3, piped):
    done = qwen3("ask", "-T", "commit", stdin=piped)
    assert (done.code, done.stdout) == (2, b"")
    assert "the template commit works on a text, and there is none" in done.stderr


def test_a_dash_is_standard_input_for_a_template_too(qwen3):
    done = qwen3("ask", "-T", "summary", "--show-prompt", "-", stdin=b"piped words")
    assert b"\n-\n" not in done.stdout
    assert b"piped words" in done.stdout
