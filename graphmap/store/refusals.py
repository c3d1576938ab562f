"""What an object store means when it refuses, in words for the person who reads it.

deltalake and Polars tell of it in the words of the Rust crate object_store, with the store's own answer in them: codes
of Amazon S3 ("Error responses"), Azure ("Blob Storage error codes") and Google ("XML API errors"). These texts hold
addresses, and an address may hold a signature; so only what is known here is told, and the rest without its queries.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Refusal(NamedTuple):
    """What it means, and what to do about it; None where nothing better than to try again is known."""

    message: str
    hint: str | None = None


_CREDENTIALS = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or"
    " GOOGLE_APPLICATION_CREDENTIALS, in the environment (docs/operations.md has more of them)"
)

# In this order: the text of one trouble may contain words of a later, more general one.
_KNOWN = [
    (re.compile(pattern, re.IGNORECASE), Refusal(message, hint))
    for pattern, message, hint in (
        (
            (
                r"169\.254\.169\.254|/latest/api/token|metadata\.google|/metadata/identity|no credentials"
                r"|MissingCredentials|missing (?:account|credential)|Account must be specified"
                r"|application_default_credentials"
            ),
            "no credentials for the object store were found",
            _CREDENTIALS,
        ),
        (
            r"NoSuchBucket|ContainerNotFound|The specified (?:bucket|container) does not exist|bucket not found",
            "there is no such bucket",
            "make it, or correct the setting lake",
        ),
        (
            (
                r"InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed|InvalidAuthenticationInfo|ExpiredToken"
                r"|InvalidToken|TokenRefreshRequired|401 Unauthorized|Unauthenticated|RequestTimeTooSkewed"
            ),
            "the object store does not know these credentials",
            "check the key, its secret and the region in the environment, and the clock of this machine",
        ),
        (
            (
                r"AccessDenied|403 Forbidden|Authorization(?:Permission)?(?:Mismatch|Failure)|lacked the necessary priv"
                r"|PermissionDenied"
            ),
            "the object store does not permit this",
            "it must allow to list the bucket, and to read, write and delete objects below the address",
        ),
        (
            r"URL scheme is not allowed",
            "the address of the object store is http, without encryption",
            "set AWS_ALLOW_HTTP=true (AZURE_ALLOW_HTTP, GOOGLE_ALLOW_HTTP) where nobody can listen",
        ),
        (
            r"certificate|InvalidCertificate|UnknownIssuer",
            "the certificate of the object store is not trusted",
            "add its authority to those of the system, or set SSL_CERT_FILE",
        ),
        (
            r"dns error|error sending request|timed? ?out|tcp connect|connection (?:refused|reset|closed)",
            "the object store does not answer",
            "check its address (AWS_ENDPOINT_URL), and that this machine may reach it; then run the same command again",
        ),
        (
            r"SlowDown|503 Service|500 Internal|ServerBusy|429 Too Many",
            "the object store has too much to do",
            "run the same command again later: nothing is added twice",
        ),
        (
            r"NotImplemented|not yet implemented|501 Not Implemented",
            "the object store does not know conditional writes",
            "two writers could both win there: use one that does (docs/operations.md)",
        ),
        (
            r"NoSuchKey|404 Not Found|BlobNotFound|object at location",
            "a file of the lake is not there any more",
            "it was vacuumed, or removed by others: run the same command again",
        ),
    )
]

_LONGEST = 300
_POLARS = re.compile(r"object-store error: .*?(?=\n\s*at |\Z)", re.DOTALL)
"""What Polars says; where Spark passes it on, up to Java's own lines."""


def words_of(text: str) -> Refusal | None:
    """What it means where Polars tells of an object store in some text; None where it does not."""
    found = _POLARS.search(text)
    return refusal(found[0]) if found else None


def refusal(text: str) -> Refusal:
    """What such a text means."""
    for pattern, found in _KNOWN:
        if pattern.search(text):
            return found
    plain = re.sub(r"\x1b\[\d*m|↳|\s+", " ", text)
    plain = re.sub(r"(https?://[^\s?]*)\?\S*", r"\1", plain)
    return Refusal(re.sub(r" {2,}", " ", plain).strip()[:_LONGEST])
