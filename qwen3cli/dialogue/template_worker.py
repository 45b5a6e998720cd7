"""The child process that renders chat templates, which are code from strangers.

Run as a program, never imported by ours: `python -P template_worker.py`. It reads one JSON request a line
(`{"template": ..., "renders": [{...variables...}, ...]}`) and answers each with one JSON line (`{"texts": [...]}` or
`{"error": ...}`). Jinja2's immutable sandbox keeps the template from attributes and from changing what it is given;
limits on memory and processor time, set on this process before any template is seen, keep it from everything else that
costs. The parent adds a limit on time and ends us. Not covered: Windows and macOS do not enforce the memory limit, so
there the time limit alone bounds it.
"""

import contextlib
import json
import signal
import sys
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEMORY_LIMIT_BYTES = (
    1 << 30
)  # Jinja2 and Python need 60 MB; prompts of a million characters a little more
PROCESSOR_LIMIT_SECONDS = (
    60  # over the life of this process; the parent's limit on each request is much shorter
)
OUTPUT_LIMIT_CHARACTERS = 32_000_000  # eight times the text of a 1M-token context


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_this_process()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        template = _compiled(request["template"])
        return {"texts": [_render(template, variables) for variables in request["renders"]]}
    except MemoryError:
        return {"error": "it asked for too much memory"}
    except RecursionError:
        return {"error": "it calls itself without end"}
    except TemplateError as problem:
        return {"error": f"{type(problem).__name__}: {problem.message or problem}"}
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's code raises is an answer here
        return {"error": f"{type(problem).__name__}: {problem}"}


@lru_cache(maxsize=2)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


def _render(template: Template, variables: dict[str, Any]) -> str:
    parts, length = [], 0
    for part in template.generate(**variables):
        parts.append(part)
        length += len(part)
        if length > OUTPUT_LIMIT_CHARACTERS:
            raise TemplateError(f"it wrote more than {OUTPUT_LIMIT_CHARACTERS:,} characters")
    return "".join(parts)


def _environment() -> ImmutableSandboxedEnvironment:
    """The dialect chat templates are written in: block trimming, loop controls and three functions."""
    extensions: list[type[Extension]] = [loopcontrols]
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=extensions
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


def _to_json(value: Any, indent: int | None = None, **_options: Any) -> str:
    """JSON as the models were trained on: not escaped for HTML, and in its own script."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _limit_this_process() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_LIMIT_SECONDS, PROCESSOR_LIMIT_SECONDS))


if __name__ == "__main__":
    main()
