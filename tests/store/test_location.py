"""What is known of a place, without going there."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmap.store.location import Location, variables
from graphmap.store.refusals import refusal


@pytest.mark.parametrize("place", [Path("/srv/lake"), "s3://logs/lake"])
def test_names_below_it(place: Path | str) -> None:
    below = Location.of(place) / "events"
    assert str(below) == f"{place}/events"
    assert below.file("day=2026-03-01/x.parquet") == f"{place}/events/day=2026-03-01/x.parquet"
    assert Location.of(below) is below
    assert below.absolute() == below


def test_only_a_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Location.of(Path("a/b")).make()
    Location.of("s3://c/d").make()
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == ["a", "a/b"]
    assert Location.of(Path("a")).absolute() == Location(tmp_path / "a")


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (Path("/lake"), set()),
        ("s3://b/lake", {"AWS_ACCESS_KEY_ID", "AWS_REGION"}),
        ("gs://b/lake", {"GOOGLE_APPLICATION_CREDENTIALS"}),
        ("az://b/lake", {"AZURE_STORAGE_ACCOUNT_KEY"}),
        ("abfs://b/lake", {"AZURE_STORAGE_ACCOUNT_KEY"}),
        ("abfss://b@a.dfs.core.windows.net/lake", {"AZURE_STORAGE_ACCOUNT_KEY"}),
    ],
)
def test_who_needs_which_variables(place: Path | str, names: set[str]) -> None:
    every = ("AWS_ACCESS_KEY_ID", "AWS_REGION", "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_STORAGE_ACCOUNT_KEY", "HOME")
    assert variables(place, dict.fromkeys(every, "x")) == dict.fromkeys(names, "x")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token", "no credentials"),
        ("Error performing PUT http://127.0.0.1:1/latest/api/token in 2s, after 3 retries", "no credentials"),
        ("Generic MicrosoftAzure error: Account must be specified", "no credentials"),
        ("Generic GCS error: Error performing GET http://metadata.google.internal/computeMetadata", "no credentials"),
        ("404 Not Found <Error><Code>NoSuchBucket</Code>", "no such bucket"),
        ("404 Not Found <Error><Code>ContainerNotFound</Code>", "no such bucket"),
        ("403 Forbidden <Code>SignatureDoesNotMatch</Code>", "does not know these credentials"),
        ("403 Server failed to authenticate <Code>AuthenticationFailed</Code>", "does not know these credentials"),
        ("The operation lacked the necessary privileges to complete for path x: 403 Forbidden", "does not permit this"),
        ("HTTP error: builder error: URL scheme is not allowed", "without encryption"),
        ("error sending request: client error (Connect): invalid peer certificate: UnknownIssuer", "is not trusted"),
        ("error sending request: client error (Connect): dns error: failed to lookup", "does not answer"),
        ("HTTP error: request or response body error: operation timed out", "does not answer"),
        ("503 Service Unavailable <Code>SlowDown</Code>", "too much to do"),
        ("`PutMode::Create` when conditional put is disabled not yet implemented by AmazonS3(b)", "conditional writes"),
        ("501 Not Implemented <Code>NotImplemented</Code>", "does not know conditional writes"),
        ("Object at location a/b.parquet not found: 404 Not Found <Code>NoSuchKey</Code>", "not there any more"),
    ],
)
def test_refusals_in_words(said: str, means: str) -> None:
    assert means in refusal(said).message
    assert refusal(said).hint


def test_a_signature_in_an_address_is_told_to_nobody() -> None:
    said = "418 odd at \x1b[31m↳\x1b[0m https://a.blob.core.windows.net/c/x?sv=2026&sig=SECRET%3D\n  for us"
    assert refusal(said) == ("418 odd at https://a.blob.core.windows.net/c/x for us", None)
    assert len(refusal("x" * 5000).message) == 300
