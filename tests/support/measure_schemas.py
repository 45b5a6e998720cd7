"""Hold marked instances against their schemas through the same matcher as answers, without a model that writes.

    PYTHONPATH=tests python tests/support/measure_schemas.py FILE.jsonl[.xz]|FOLDER

Each line is {"name": ..., "schema": ..., "tests": [{"data": ..., "valid": true|false}, ...]}, as JSONSchemaBench has them. A
folder has files of a list of those, as the JSON Schema test suite has (`json/tests/draft7` in jsonschema's source).
Prints how many schemas are taken, how many invalid instances would pass, and every valid one that would not, with the
reason: `order` if it passes once its properties stand in the schema's order.
"""

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.json_schema import keywords, read_schema
from qwen3cli.engine.grammar import Grammar, GrammarVocabulary, schema_grammar
from qwen3cli.engine.llama import Model
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import demo
from qwen3cli.turn.loading import prepare
from qwen3cli.turn.this_machine import this_machine


def main() -> None:
    vocabulary, model = opened()
    counts: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    for each in read(Path(sys.argv[1])):
        counts["schemas"] += 1
        try:
            grammar = schema_grammar(read_schema(json.dumps(each["schema"]), "schema"))
        except UsageProblem as problem:
            refusals[problem.message.partition(" at #")[0][:60]] += 1
            continue
        counts["taken"] += 1
        for test in each["tests"]:
            passed = passes(vocabulary, model, grammar, test["data"])
            counts[
                f"{'valid' if test['valid'] else 'invalid'}, {'passes' if passed else 'refused'}"
            ] += 1
            if test["valid"] and not passed:
                sorted_data = in_order(test["data"], each["schema"])
                again = passes(vocabulary, model, grammar, sorted_data)
                print(
                    f"{'order' if again else 'other'}: {each['name']}: {json.dumps(test['data'])[:70]}"
                )
    print(dict(counts))
    for reason, count in refusals.most_common():
        print(f"{count:5} {reason}")


def opened() -> tuple[GrammarVocabulary, Model]:
    prepared = prepare(demo(), LoadOptions(), this_machine({}, measured=False).resources)
    model = Model.load(prepared.file, prepared.plan)
    return GrammarVocabulary(model.vocabulary), model


def read(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        for suite in sorted(path.glob("*.json")):
            for group in json.loads(suite.read_text(encoding="utf-8")):
                yield {"name": f"{suite.stem}: {group['description']}", **group}
        return
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def passes(vocabulary: GrammarVocabulary, model: Model, grammar: Grammar, data: Any) -> bool:
    text = json.dumps(data, ensure_ascii=False)
    tokens: list[int] = [*model.vocabulary.tokenize(text, control_tokens=False)]
    matcher = vocabulary.matcher(grammar)._matcher  # tokens that must follow are not skipped here
    return matcher.try_consume_tokens(tokens) == len(tokens) and bool(matcher.is_accepting())


def in_order(data: Any, schema: Any) -> Any:
    """The data with properties in the order in which the schema first names them anywhere."""
    names: dict[str, int] = {}
    for _, keyword, value in keywords(schema):
        if keyword == "properties" and isinstance(value, dict):
            for name in value:
                names.setdefault(name, len(names))
    return _sorted(data, names)


def _sorted(data: Any, names: dict[str, int]) -> Any:
    if isinstance(data, list):
        return [_sorted(each, names) for each in data]
    if not isinstance(data, dict):
        return data
    ordered = sorted(data, key=lambda name: names.get(name, len(names)))
    return {name: _sorted(data[name], names) for name in ordered}


if __name__ == "__main__":
    main()
