"""What the API answers of logs: jobs that read them, files that were read, lines that were not understood."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from graphmap.pipeline.ingest import Stage, Status
from graphmap_api.jobs import Job, State
from graphmap_api.models import Answer


class JobProgress(Answer):
    """Where a job stands."""

    stage: Stage
    file: str
    done: int = Field(description="Files dealt with.")
    files: int = Field(description="Files that there are.")
    lines: int
    events: int


class IngestedFile(Answer):
    """What became of a file; numbers are those of this job, and 0 where it was not read."""

    file: str = Field(examples=["auth.log"])
    status: Status
    reader: str | None = Field(examples=["sshd"])
    problem: str | None
    lines: int
    events: int
    added: int = Field(description="Events that were new.")
    context: int
    other: int
    rejects: int


class HuntCounts(Answer):
    """What a hunt found."""

    new: int
    updated: int
    unchanged: int


class JobAnswer(Answer):
    """A log that was sent, and what becomes of it."""

    id: str = Field(examples=["j-0a1b2c3d4e5f"])
    by: str = Field(description="Who sent it.", examples=["shipper-3"])
    name: str = Field(description="As it was sent.", examples=["auth.log"])
    bytes: int
    state: State
    created: datetime
    started: datetime | None
    ended: datetime | None
    progress: JobProgress | None
    files: list[IngestedFile] = Field(description="At most 500, when it is done.")
    all_files: int
    hunted: HuntCounts | None = Field(description="Where a hunt was asked for.")
    problem: str | None = Field(description="Why it failed.")

    @classmethod
    def of(cls, job: Job) -> JobAnswer:
        """A job as it stands."""
        reports = job.report.files if job.report else ()
        return cls(
            id=job.id,
            by=job.by,
            name=job.name,
            bytes=job.bytes,
            state=job.state,
            created=job.created,
            started=job.started,
            ended=job.ended,
            progress=None if job.progress is None else JobProgress.model_validate(job.progress),
            files=[IngestedFile.model_validate(one) for one in reports[:500]],
            all_files=len(reports),
            hunted=None if job.hunted is None else HuntCounts.model_validate(job.hunted),
            problem=job.problem,
        )


class JobList(Answer):
    """Jobs, the newest first."""

    items: list[JobAnswer]


class FileAnswer(Answer):
    """A log whose every event is in the lake."""

    name: str
    reader: str
    bytes: int = Field(description="Decompressed.")
    lines: int
    events: int
    added: int = Field(description="Events that were new when it was read.")
    context: int = Field(description="Lines that report no event.")
    other: int = Field(description="Lines of other programs.")
    rejects: int = Field(description="Lines not understood.")
    first: datetime | None
    last: datetime | None


class Reject(Answer):
    """A line that was not understood."""

    file: str
    line: int
    reason: str
    text: str
