"""What to do next at the counter, in one sentence for each refusal of an issuer."""

from bonafides.errors import Error

_BEGIN_AGAIN = "let the person begin again in the wallet"
_ADVICE = {
    "session_spent": f"A document was shown for this code already: {_BEGIN_AGAIN}, and scan the new code.",
    "expired": f"This code is too old: {_BEGIN_AGAIN}, and scan the new code.",
    "sealed": f"The issuer does not know this code: {_BEGIN_AGAIN}, and scan the new code.",
    "base64url": f"The issuer does not know this code: {_BEGIN_AGAIN}, and scan the new code.",
    "wrong_state": "This issuer serves another State: use the issuer of the State that issued the document.",
    "no_personal_number": "This document has no signed personal number: another document of the person may have one.",
    "rate_limited": "The issuer has too much to do: scan the code again in a minute.",
    "unreachable": f"The issuer did not answer: if the wallet still waits, scan its code again, or {_BEGIN_AGAIN}.",
}
_DOCUMENT = (
    "The issuer does not accept this document: clean it, read it once more,"
    " then send the person to the issuer with the words in brackets."
)


_UNKNOWN = "The issuer refused this, for a reason that this program does not know."


def advise(error: Error) -> str:
    """Return what the clerk can do about an error; its own text where it arose here and says that already."""
    if error.code in _ADVICE:
        return _ADVICE[error.code]
    if not str(error).startswith("the other party"):
        return str(error)
    return _DOCUMENT if error.code.startswith("document_") else _UNKNOWN
