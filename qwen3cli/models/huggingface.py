"""Questions to the Hugging Face hub: which files a repository has, and where the bytes of one are.

The only file that knows `huggingface_hub`, and of it only what it publishes: it makes addresses and finds the
user's token. Its own requests are not used (seen in 2.4.0): they wait as long as a server says, without a bound or a
word, print signed addresses, throw away what came when a download breaks off, write what a server sends beyond the
promised length, and take a flipped byte or a login page for the file.

Nor is Xet, the hub's own way of sending large files, though `hf_xet` comes with the client. Any range can be asked of
it, but by its defaults (1.8.0) it fetches 256 MB at a time and a gigabyte ahead, in memory, which is lost when the
process is killed or the line drops; its waits (up to six minutes) and its words are its own; and as no server on
loopback speaks it, nothing that we promise of it could be tested. The hub gives every such file by plain ranges too.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.digests import parsed_digest
from qwen3cli.models.hub_errors import error_for_status, expecting_hub_answer, login_page
from qwen3cli.models.network_settings import endpoint, timeout_seconds
from qwen3cli.models.sources import RemoteFile
from qwen3cli.models.transport import Response, Transport, origin, redirected

_USUAL = "https://huggingface.co"
# The hub's own addresses: a redirection between them keeps the token, as with its client.
_HUBS = (_USUAL, "https://hf.co")
_MOST_REDIRECTS, _MOST_PAGES = 5, 100
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NEXT_PAGE = re.compile(r'<([^<>]+)>;\s*rel="?next"?')
_TOKEN = re.compile(r"[\x21-\x7e]+")  # what a header can hold of a word


class HuggingFace:
    """One hub, the one that `HF_ENDPOINT` names."""

    def __init__(self, transport: Transport, variables: Mapping[str, str]) -> None:
        self._transport = transport
        self._variables = variables
        # Before the client is imported: it would ask the hub about programs around us, unasked.
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

    def files(self, repository: str, revision: str) -> Iterator[Part]:
        """The files of a repository."""
        base = self._base()
        tree = f"/api/models/{quote(repository)}/tree/{quote(revision, safe='')}"
        url = f"{base}{tree}?recursive=True&expand=False"
        for _ in range(_MOST_PAGES):
            answer = self._transport.ask("GET", url, self._headers(url), follow=True)
            if answer.status != 200:
                raise error_for_status(answer.status, answer.headers, repository)
            with expecting_hub_answer(repository):
                yield from [_part(each) for each in json.loads(answer.body) if _is_file(each)]
                following = _NEXT_PAGE.search(answer.headers.get("link", ""))
                if following is None:
                    return
                url = redirected(url, following[1])

    def locate(self, quantization: Quantization, part: Part) -> RemoteFile:
        """Where the bytes of a file are, how many, and which digest they have."""
        url, answer = self._asked_of_hubs(self._address(quantization, part), part.path)
        headers = answer.headers
        location = redirected(url, headers.get("location", ""))
        size, tag = headers.get("x-linked-size"), headers.get("x-linked-etag")
        if answer.status == 200 and not answer.is_page:
            size, tag = size or headers.get("content-length"), tag or headers.get("etag")
        if size is None or tag is None:
            raise login_page(part.path)
        commit = headers.get("x-repo-commit", "").lower()
        with expecting_hub_answer(part.path):
            return RemoteFile(
                location,
                self._headers(location),
                int(size),
                parsed_digest(tag.removeprefix("W/").strip('"')),
                commit if _COMMIT.fullmatch(commit) else quantization.revision,
            )

    def _asked_of_hubs(self, url: str, path: str) -> tuple[str, Response]:
        """What the hub says of a file: followed to its other addresses, and no further, since its storage knows less."""
        for _ in range(_MOST_REDIRECTS):
            answer = self._transport.ask("HEAD", url, self._headers(url))
            if answer.status >= 400:
                raise error_for_status(answer.status, answer.headers, path)
            location = redirected(url, answer.headers.get("location", ""))
            if answer.status < 300 or not self._is_hub(location):
                return url, answer
            url = location
        raise login_page(path)

    def _address(self, quantization: Quantization, part: Part) -> str:
        base = self._base()
        from huggingface_hub import hf_hub_url

        try:
            return hf_hub_url(
                quantization.repository, part.path, revision=quantization.revision, endpoint=base
            )
        except ValueError as problem:
            raise ModelNotFound(
                f"{quantization.repository} is no repository's name", "hf:OWNER/NAME/FILE.gguf"
            ) from problem

    def _headers(self, url: str) -> dict[str, str]:
        """What to send to an address; the token only to the hub, and where the user named it with encryption never
        without."""
        token = self._token() if self._is_hub(url) else None
        return {"authorization": f"Bearer {token}"} if token else {}

    def _token(self) -> str | None:
        """The user's token, from `HF_TOKEN` or where the client keeps it, without the blanks around it.

        Raises:
            UsageProblem: it is none.
        """
        from huggingface_hub import constants, get_token

        try:
            token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        except (OSError, ValueError) as problem:
            reason = f" ({problem.strerror})" if isinstance(problem, OSError) else ""
            raise UsageProblem(
                f"the hub's token cannot be read from {constants.HF_TOKEN_PATH}{reason}",
                "hf auth login, or set HF_TOKEN",
            ) from problem
        if token and not _TOKEN.fullmatch(token):
            raise UsageProblem(
                "the hub's token (HF_TOKEN, or its file) has blanks or letters in it that no token has",
                "copy it again: what begins with hf_, and nothing else",
            )
        return token

    def _base(self) -> str:
        """The hub's address. Looks at the time limits too: the client cannot be imported where they are no numbers."""
        timeout_seconds(self._variables)
        return endpoint(self._variables, "HF_ENDPOINT", _USUAL)

    def _is_hub(self, url: str) -> bool:
        return origin(url) in {origin(each) for each in (self._base(), *_HUBS)}


def _is_file(entry: dict[str, Any]) -> bool:
    return bool(entry["type"] == "file")


def _part(entry: dict[str, Any]) -> Part:
    told = entry.get("lfs") or {}
    return Part(str(entry["path"]), int(entry["size"]), parsed_digest(told.get("oid")))
