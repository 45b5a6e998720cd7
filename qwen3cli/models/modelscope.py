"""Questions to ModelScope, which has the same repositories: which files one has, and where the bytes of one are."""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from qwen3cli.base.errors import SourceFailed
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.digests import parsed_digest
from qwen3cli.models.hub_errors import error_for_status, expecting_hub_answer
from qwen3cli.models.network_settings import endpoint
from qwen3cli.models.sources import RemoteFile
from qwen3cli.models.transport import Transport

_USUAL = "https://modelscope.cn"
# It has other revisions than the hub the catalogue pins; the digest says whether a file is the same.
_REVISION = "master"


class ModelScope:
    """One hub, the one that `MODELSCOPE_ENDPOINT` names."""

    def __init__(self, transport: Transport, variables: Mapping[str, str]) -> None:
        self._transport = transport
        self._variables = variables

    def files(self, repository: str, revision: str = _REVISION) -> Iterator[Part]:
        """The files of a repository, as they are now, whatever revision is asked for."""
        question = (
            f"/api/v1/models/{quote(repository)}/repo/files?Revision={_REVISION}&Recursive=true"
        )
        answer = self._transport.ask("GET", self._base() + question, {}, follow=True)
        if answer.status != 200:
            raise error_for_status(answer.status, answer.headers, repository)
        with expecting_hub_answer(repository):
            yield from [
                Part(str(each["Path"]), int(each["Size"]), parsed_digest(each.get("Sha256")))
                for each in json.loads(answer.body)["Data"]["Files"]
            ]

    def locate(self, quantization: Quantization, part: Part) -> RemoteFile:
        """Where the bytes of a file are, how many, and which digest they have."""
        repository = quantization.repository
        for each in self.files(repository):
            if each.path == part.path and each.bytes is not None:
                url = f"{self._base()}/models/{quote(repository)}/resolve/{_REVISION}/{quote(part.path)}"
                return RemoteFile(url, {}, each.bytes, each.sha256, quantization.revision)
        raise SourceFailed(
            f"ModelScope has no {part.path} in {repository}", "try --from huggingface"
        )

    def _base(self) -> str:
        return endpoint(self._variables, "MODELSCOPE_ENDPOINT", _USUAL)
