"""Every code this office answers or logs, with its meaning; none ever carries a value."""

from collections.abc import Mapping

from bonafides.errors import PolicyError
from bonafides.kit import telemetry


class UnknownError(PolicyError):
    """There is no such sign-in, account or remedy here."""

    default_code = "unknown"
    http_status = 404


ANSWERED: Mapping[str, str] = {
    "account_unknown": "no account of this platform has that name; nothing is kept about it",
    "epoch_not_accepted": "the credential is of an epoch that is over or has not begun",
    "issuer_unavailable": "the issuer's keys of this epoch are not known and it does not answer; try again later",
    "presentation_refused": "the presentation is not what was asked for, or does not hold; no more is said",
    "remedy_audience": "the message is for another relying party",
    "remedy_conflict": "another message with the same jti was here before",
    "remedy_dates": "a remedy ends after its start and after today, starts within 30 days, is renewed gapless",
    "remedy_ended": "the remedy has ended or was lifted; it does not come back",
    "remedy_exists": "this case has bound this account before: a case imposes once and renews once",
    "remedy_kind": "a renewal is of the kind that was imposed",
    "remedy_message": "not a remedy message",
    "remedy_not_yet": "the message is dated in the future",
    "remedy_renewed": "a case renews once",
    "remedy_too_long": "90 days in all",
    "remedy_unknown": "no remedy of this case to renew or lift",
    "response": "the body is not a direct_post response with exactly one presentation",
    "signin_code": "the code is wrong; after the third wrong one the sign-in is over",
    "signin_cookie": "this is not the browser that began the sign-in",
    "signin_expired": "too late: begin again",
    "signin_spent": "the sign-in was answered or tried too often: begin again",
    "signin_unknown": "no such sign-in, or it is long over",
    "signin_waiting": "the wallet has not answered yet",
}

LOGGED: Mapping[str, str] = {
    "bad_signature": "a remedy message is not signed by the key it names",
    "context": "the presentation is of another kind of context",
    "country": "the country shown is not that of the issuer",
    "header_unknown": "the header is not one its issuer published for this epoch, or its key is compromised",
    "issuer_country": "an issuer names another State than before, or one that another issuer of ours serves",
    "issuer_key_changed": "an issuer shows another header or key for an epoch than before: refused",
    "issuer_metadata": "an issuer's metadata is not usable",
    "proof": "the proof does not hold for this request",
    "slots": "less shown than required, or more than requested",
    "type": "not a `person` credential",
    "unknown_key": "a remedy message is signed by a key that is not configured",
    "unreachable": "an issuer does not answer",
}

telemetry.declare_codes([*ANSWERED, *LOGGED])
