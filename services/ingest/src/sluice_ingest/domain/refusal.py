"""Why a request is refused: a closed set, because it is a metric's label and the code of a problem."""

from enum import StrEnum


class Refusal(StrEnum):
    """Every reason for which ingest refuses a request about a report, a webhook or a token."""

    BAD_ASSET = "bad_asset"
    BAD_PARAMETER = "bad_parameter"
    FOREIGN_ASSET = "foreign_asset"
    EMPTY_BODY = "empty_body"
    BODY_TOO_LARGE = "body_too_large"
    BODY_EXPANDS_TOO_FAR = "body_expands_too_far"
    BODY_INCOMPLETE = "body_incomplete"
    BODY_TOO_SLOW = "body_too_slow"
    BODY_UNDECODABLE = "body_undecodable"
    UNKNOWN_ENCODING = "unknown_encoding"
    BAD_MULTIPART = "bad_multipart"
    KEY_REUSED = "key_reused"
    UNKNOWN_REPORT = "unknown_report"
    UNKNOWN_EVIDENCE = "unknown_evidence"
    BODY_GONE = "body_gone"
    UNKNOWN_PROVIDER = "unknown_provider"
    UNKNOWN_SOURCE = "unknown_source"
    SOURCE_NOT_READY = "source_not_ready"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_WRONG = "signature_wrong"
    TIMESTAMP_REFUSED = "timestamp_refused"
    PAYLOAD_UNUSABLE = "payload_unusable"
    MISSING_TOKEN = "missing_token"  # noqa: S105 - a reason
    BAD_TOKEN = "bad_token"  # noqa: S105 - a reason
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a reason
    MISSING_SCOPE = "missing_scope"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a reason
    TOKEN_NAME_TAKEN = "token_name_taken"  # noqa: S105 - a reason


class Refused(Exception):  # noqa: N818 - it says what happened to the request
    """The request is refused for `reason`; `detail` says what is wrong and what to do, without secrets.

    `facts` are further members of the problem that the client gets, for example the limit that was passed.
    """

    def __init__(self, reason: Refusal, detail: str, **facts: object) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"
