"""Copy a GGUF with some of its metadata changed, or in parts."""

from pathlib import Path
from typing import Any

import gguf


def split_gguf(source: Path, target: Path) -> list[Path]:
    """The same model in three parts, named as llama.cpp wants them after `target`."""
    tensors = len(gguf.GGUFReader(source).tensors)
    copy_gguf(source, target, {}, split_max_tensors=-(-tensors // 3))
    return sorted(target.parent.glob(f"{target.stem}-*-of-00003.gguf"))


def copy_gguf(
    source: Path, target: Path, changes: dict[str, Any], split_max_tensors: int = 0
) -> Path:
    """The same file with values replaced, or keys left out (None)."""
    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(
        target,
        changes.get("general.architecture") or architecture,
        split_max_tensors=split_max_tensors,
    )
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value = changes.get(name, field.contents())
        if value is not None:
            kind = field.types[0]
            inner = field.types[-1] if kind is gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(name, value, kind, sub_type=inner)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target
