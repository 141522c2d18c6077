"""For rule packages: what `zonelint.rules.model.subjects` holds, at a name that stays."""

from zonelint.rules.model.subjects import (
    Bimi,
    Dkim,
    Dmarc,
    MailZone,
    Parsed,
    Placed,
    ReportAuthorisation,
    Spf,
    Sts,
    TagSubject,
    TlsRpt,
    Txt,
    TxtSubject,
    selector_of,
)

__all__ = [
    "Bimi",
    "Dkim",
    "Dmarc",
    "MailZone",
    "Parsed",
    "Placed",
    "ReportAuthorisation",
    "Spf",
    "Sts",
    "TagSubject",
    "TlsRpt",
    "Txt",
    "TxtSubject",
    "selector_of",
]
