"""The child process that renders chat templates, which are code from strangers.

Run as a program: `python -P -m qwen3cli.dialogue.template_worker`. It reads one JSON request a line
(`{"template": ..., "renders": [{...variables...}, ...]}`) and answers each with one JSON line (`{"texts": [...]}` or
`{"error": ...}`). Jinja2's immutable sandbox keeps the template from attributes and from changing what it is given;
limits on memory and processor time keep it from everything else that costs (`base/confinement` says where they hold),
and so does one on what it may write. The parent adds a limit on time and ends us; if it is gone, we go too.
"""

import json
import re
import signal
import sys
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from qwen3cli.base.confinement import end_with_parent, limit_memory, limit_processor

# Jinja2 and Python need 60 MB; prompts of a million characters a little more.
_MEMORY_BYTES = 2**30
_REQUEST_SECONDS = 10  # of processor time; the parent's limit on each request is shorter
# A template repeats what it is given, with its own words around every message. What it writes beyond that is not a prompt.
_OUTPUT_FACTOR, _OUTPUT_SPARE_CHARACTERS = 4, 2**20


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    end_with_parent()
    limit_memory(_MEMORY_BYTES)
    for line in sys.stdin:
        limit_processor(_REQUEST_SECONDS)
        longest = _OUTPUT_SPARE_CHARACTERS + _OUTPUT_FACTOR * len(line)
        sys.stdout.write(json.dumps(_answer(json.loads(line), longest)) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, Any], longest: int) -> dict[str, Any]:
    try:
        template = _compiled(request["template"])
        return {"texts": [_render(template, each, longest) for each in request["renders"]]}
    except MemoryError:
        return {"error": "it asked for too much memory"}
    except RecursionError:
        return {"error": "it calls itself without end"}
    except TemplateSyntaxError as problem:
        return {"error": f"line {problem.lineno}: {problem.message}"}
    except TemplateError as problem:
        return {"error": f"{type(problem).__name__}: {problem.message or problem}"}
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's code raises is an answer here
        return {"error": f"{type(problem).__name__}: {problem}"}


@lru_cache(maxsize=2)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


def _render(template: Template, variables: dict[str, Any], longest: int) -> str:
    parts, length = [], 0
    for part in template.generate(**variables):
        parts.append(part)
        length += len(part)
        if length > longest:
            raise TemplateError(f"it wrote more than {longest:,} characters")
    text = "".join(parts)
    if _HALF_A_PAIR.search(text):
        raise TemplateError("it wrote half of a surrogate pair, which is no character")
    return text


_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


class _Generation(Extension):
    """`{% generation %}` marks for a trainer what the assistant said; here it is only what stands in it."""

    tags = {"generation"}  # noqa: RUF012 - as its base class has it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The statements up to the end tag."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _environment() -> ImmutableSandboxedEnvironment:
    """The dialect chat templates are written in: what `transformers` gives them in `apply_chat_template`."""
    extensions: list[type[Extension]] = [loopcontrols, _Generation]
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=extensions
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON as the models were trained on: not escaped for HTML, and in its own script."""
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


if __name__ == "__main__":
    main()
