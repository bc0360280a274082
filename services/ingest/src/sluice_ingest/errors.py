"""Each reason of a refusal as HTTP says it: status, title and headers."""

from http import HTTPStatus

from sluice_ingest.domain.decoding import Coding
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_shared.http import Problem

# Clients such as Amazon SNS send their password only once they are asked for it.
_ASK = {"WWW-Authenticate": 'Bearer realm="sluice", Basic realm="sluice"'}
_INVALID = {"WWW-Authenticate": 'Bearer realm="sluice", error="invalid_token"'}
_SCOPE = {"WWW-Authenticate": 'Bearer realm="sluice", error="insufficient_scope"'}
_CODINGS = {"Accept-Encoding": ", ".join(coding.value for coding in Coding)}

ANSWERS: dict[Refusal, tuple[HTTPStatus, str, dict[str, str]]] = {
    Refusal.BAD_ASSET: (HTTPStatus.UNPROCESSABLE_ENTITY, "The asset key is missing or malformed", {}),
    Refusal.BAD_PARAMETER: (HTTPStatus.UNPROCESSABLE_ENTITY, "A parameter does not fit", {}),
    Refusal.FOREIGN_ASSET: (HTTPStatus.FORBIDDEN, "The sender may not speak for this asset", {}),
    Refusal.EMPTY_BODY: (HTTPStatus.BAD_REQUEST, "The body is empty", {}),
    Refusal.BODY_TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large", {}),
    Refusal.BODY_EXPANDS_TOO_FAR: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body expands too far", {}),
    Refusal.BODY_INCOMPLETE: (HTTPStatus.BAD_REQUEST, "The body was cut short", {}),
    Refusal.BODY_TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "The body took too long to arrive", {}),
    Refusal.BODY_UNDECODABLE: (HTTPStatus.BAD_REQUEST, "The body is not what its encoding says", {}),
    Refusal.UNKNOWN_ENCODING: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The content encoding is not supported", _CODINGS),
    Refusal.BAD_MULTIPART: (HTTPStatus.BAD_REQUEST, "The form does not hold exactly one report", {}),
    Refusal.KEY_REUSED: (HTTPStatus.CONFLICT, "The idempotency key was used for another report", {}),
    Refusal.UNKNOWN_REPORT: (HTTPStatus.NOT_FOUND, "There is no such report", {}),
    Refusal.UNKNOWN_EVIDENCE: (HTTPStatus.NOT_FOUND, "There is no such evidence", {}),
    Refusal.BODY_GONE: (HTTPStatus.GONE, "The report's body is no longer kept", {}),
    Refusal.UNKNOWN_PROVIDER: (HTTPStatus.NOT_FOUND, "There is no such provider", {}),
    Refusal.UNKNOWN_SOURCE: (HTTPStatus.NOT_FOUND, "There is no such source", {}),
    Refusal.SOURCE_NOT_READY: (HTTPStatus.SERVICE_UNAVAILABLE, "The source is not set up", {"Retry-After": "60"}),
    Refusal.SIGNATURE_MISSING: (HTTPStatus.UNAUTHORIZED, "The delivery is not signed", {}),
    Refusal.SIGNATURE_WRONG: (HTTPStatus.UNAUTHORIZED, "The signature is wrong", {}),
    Refusal.TIMESTAMP_REFUSED: (HTTPStatus.UNAUTHORIZED, "The signed time is not acceptable", {}),
    Refusal.PAYLOAD_UNUSABLE: (HTTPStatus.UNPROCESSABLE_ENTITY, "The body does not say what the source needs", {}),
    Refusal.MISSING_TOKEN: (HTTPStatus.UNAUTHORIZED, "A valid token is needed", _ASK),
    Refusal.BAD_TOKEN: (HTTPStatus.UNAUTHORIZED, "A valid token is needed", _INVALID),
    Refusal.TOKEN_EXPIRED: (HTTPStatus.UNAUTHORIZED, "The token has expired", _INVALID),
    Refusal.MISSING_SCOPE: (HTTPStatus.FORBIDDEN, "The token does not allow this", _SCOPE),
    Refusal.UNKNOWN_TOKEN: (HTTPStatus.NOT_FOUND, "There is no such token", {}),
    Refusal.TOKEN_NAME_TAKEN: (HTTPStatus.CONFLICT, "The name is taken", {}),
}


def problem_of(refused: Refused) -> Problem:
    """Return the problem document of a refusal; its code is the reason."""
    status, title, headers = ANSWERS[refused.reason]
    return Problem(status.value, refused.reason.value, title, f"{refused.detail}.", headers=headers, **refused.facts)
