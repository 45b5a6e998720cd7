"""`templates edit`: a template of the user's own, in the editor."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.user_editor import edit_file, editor_command
from qwen3cli.commands.templates import check_name, load_template, own_folder, template_files

_NEW = '''description = ""
# {input} is what is typed, piped in or read from files; {to} is a parameter: --param to=French
prompt = """
{input}
"""

# system = "You are brief."
# schema = "title, points [string]"
# extract = true
# think = false

# [params]
# to = "English"

# [sampling]
# temperature = 0.3
'''


def run_edit(environment: Environment, name: str) -> None:
    """Open the user's own template in the editor; a copy of the built-in one, or a new one, where there is none."""
    path = own_folder(environment.variables) / f"{check_name(name)}.toml"
    editor = editor_command(environment, f"write {path}")
    if not path.exists():
        known = template_files(environment.variables).get(name)
        text = known.read_text(encoding="utf-8") if known else _NEW
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as problem:
            raise UsageProblem(f"cannot write {path}: {problem.strerror}") from None
    edit_file(editor, path)
    load_template(path)
