"""A client of the API: `Client` asks a server that somebody started with ``graphmap serve`` (docs/api.md).

Answers are JSON documents as docs/openapi.json describes them; times are RFC 3339 texts, null is None.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import httpx

from graphmap.errors import GraphmapError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from graphmap.documents import Document
    from graphmap.model import TriageState

SECONDS = 60.0
"""How long an answer may take: the server gives up after 30."""

Value = str | int | float | bool | datetime | None


class ClientError(GraphmapError):
    """A server did not answer, or refused.

    Parameters
    ----------
    message, hint
        As the server says it (RFC 9457).
    status
        Of the answer; None where there was none.
    """

    def __init__(self, message: str, *, status: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Client:
    """Asks one server; close it, or use it in a ``with`` statement. Several threads may share one.

    Parameters
    ----------
    url
        Where it answers, such as ``http://127.0.0.1:8765``.
    token
        As ``graphmap serve`` or ``graphmap token create`` printed it.

    Examples
    --------
    >>> with Client("http://127.0.0.1:8765", token) as hunt:  # doctest: +SKIP
    ...     for finding in hunt.findings(severity="high"):
    ...         print(finding["title"])
    """

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, **asked: Value | list[str]) -> Document:
        """The answer of any GET operation, such as ``get("/coverage")``. ``from_`` stands for ``from``.

        Raises
        ------
        ClientError
            As for all that follow: the server does not answer, or refuses.
        """
        return self._ask("GET", path, params=_parameters(asked))

    def every(self, path: str, **asked: Value | list[str]) -> Iterator[Document]:
        """The items of all pages of a list, one page held at a time.

        Raises
        ------
        ClientError
            Also where the data changes between two pages (status 410): pages of two versions would not fit.
        """
        while True:
            page = self.get(path, **asked)
            yield from page["items"]
            if page.get("next") is None:
                return
            asked["cursor"] = page["next"]

    def search(self, text: str, *, limit: int = 20) -> list[Document]:
        """Hosts, users, sources, keys and findings whose name holds a text; ``kind:`` before it asks for one kind."""
        return list(self.get("/search", q=text, limit=limit)["items"])

    def findings(
        self, *, since: datetime | None = None, until: datetime | None = None, **asked: Value | list[str]
    ) -> Iterator[Document]:
        """What the last hunts found and no suppression hides, the highest score first.

        ``asked`` are the other parameters of ``/findings``: ``severity``, ``detector``, ``state``, ``assignee``,
        ``segment``, each a text or a list of them, ``marked``, ``q``, ``sort``, ``order``.
        """
        return self.every("/findings", **{"from": since, "to": until}, **asked)

    def stories(
        self, *, since: datetime | None = None, until: datetime | None = None, **asked: Value | list[str]
    ) -> Iterator[Document]:
        """What the findings of all detectors tell, the first to read first; ``asked`` as in ``/stories``."""
        return self.every("/stories", **{"from": since, "to": until}, **asked)

    def story(self, story_id: str) -> Document:
        """A story whole, by the beginning of its id or of that of one of its findings."""
        return self.get(f"/stories/{story_id}")

    def segments(self) -> Iterator[Document]:
        """The segments of the inventory, with what arrives, leaves and stays."""
        return self.every("/segments")

    def profile(self, node: str, *, since: datetime | None = None, until: datetime | None = None) -> Document:
        """What a node or segment (``host:db1``) did within a time beside what was usual before it."""
        return self.get("/profile", **{"id": node, "from": since, "to": until})

    def timeline(self, node: str, *, since: datetime | None = None, until: datetime | None = None) -> Document:
        """What happened to a node or segment over time, and by which ways."""
        return self.get("/timeline", **{"id": node, "from": since, "to": until})

    def difference(self, since: datetime, until: datetime | None = None) -> Document:
        """What is different in the graph of a time from all before it."""
        return self.get("/graph/diff", **{"from": since, "to": until})

    def finding(self, finding_id: str) -> Document:
        """A finding whole, hidden or not; the beginning of its id is enough."""
        return self.get(f"/findings/{finding_id}")

    def paths(
        self,
        src: str,
        dst: str | list[str],
        *,
        at: datetime | None = None,
        window: str = "24h",
        **asked: Value | list[str],
    ) -> list[Document]:
        """The best chains from a host or source to one or several hosts, by any of their names.

        ``asked`` are the other parameters of ``/paths``: ``by``, ``limit``, ``exclude_host`` and its like.
        """
        return list(self.get("/paths", from_=src, to=dst, at=at, window=window, **asked)["items"])

    def way(self, start: str, goal: str, **filters: Value | list[str]) -> list[Document]:
        """The fewest links from one host to another, whatever their order in time; none where none lead there."""
        return list(self.get("/graph/way", start=start, goal=goal, **filters)["links"])

    def reach(self, host: str, *, at: datetime | None = None, window: str = "24h") -> Iterator[Document]:
        """The hosts that were reached from a host."""
        return self.every("/reach", host=host, at=at, window=window)

    def origins(self, host: str, *, at: datetime | None = None, window: str = "24h") -> Iterator[Document]:
        """The hosts and sources from which a host was reached."""
        return self.every("/origins", host=host, at=at, window=window)

    def triage(
        self,
        finding_id: str,
        *,
        state: TriageState | str | None = None,
        assignee: str | None = None,
        note: str | None = None,
        marked: bool | None = None,
    ) -> Document:
        """Say something of a finding; what is None stays as it is, an empty text takes a note or an assignee back.

        Returns
        -------
        What holds from now on.
        """
        said = {"state": state, "assignee": assignee, "note": note, "marked": marked}
        body = {name: value for name, value in said.items() if value is not None}
        return self._ask("PATCH", f"/findings/{finding_id}/triage", json=body)

    def triage_all(self, finding_ids: list[str], **said: str | bool) -> Document:
        """Say the same of several findings, named by their whole ids; ``said`` as for `triage`.

        Returns
        -------
        ``items`` with what became of each, ``changed``, ``unknown``.
        """
        return self._ask("POST", "/findings/triage", json={"ids": finding_ids, **said})

    def link_view(self, state: Document) -> str:
        """Keep what the page shows; give the id for a link, which is ``/?v=`` and it."""
        return str(self._ask("POST", "/views", json={"state": state})["id"])

    def keep_view(self, name: str, state: Document) -> Document:
        """Keep what the page shows under a name."""
        return self._ask("PUT", "/view", params={"name": name}, json={"state": state})

    def view(self, name: str) -> Document:
        """The view of a name."""
        return self.get("/view", name=name)

    def runs(self, job: str | None = None, *, limit: int = 50) -> list[Document]:
        """What ran, the last first."""
        return list(self.get("/runs", job=job, limit=limit)["items"])

    def run(self, job: str) -> Document:
        """Run a job now; it is the last of `runs` in a moment."""
        return self._ask("POST", "/runs", params={"job": job})

    def cancel(self, run: int) -> Document:
        """Ask that a run be stopped."""
        return self._ask("POST", f"/runs/{run}/cancel")

    def _ask(self, method: str, path: str, **sent: Any) -> Document:
        try:
            answer = self._http.request(method, path, **sent)
        except httpx.HTTPError as error:
            place = self._http.base_url.copy_with(path="/")
            raise ClientError(f"{place} does not answer: {error}", hint="is graphmap serve running there?") from error
        try:
            told: Document = answer.json()
        except ValueError:
            told = {}
        if answer.is_success:
            return told
        wrong = "; ".join(f"{one['where']}: {one['message']}" for one in told.get("errors") or ())
        detail = told.get("detail", f"the server answers {answer.status_code}")
        raise ClientError(f"{detail}: {wrong}" if wrong else detail, status=answer.status_code, hint=told.get("hint"))


def _parameters(asked: Mapping[str, Value | list[str]]) -> dict[str, Any]:
    """As a query: times as RFC 3339, nothing for None."""
    return {
        name.removesuffix("_"): value.isoformat() if isinstance(value, datetime) else value
        for name, value in asked.items()
        if value is not None
    }
