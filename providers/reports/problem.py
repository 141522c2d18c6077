"""What can be wrong with a file that should hold reports, and how much of it is read."""

from __future__ import annotations

import enum
from dataclasses import dataclass

MIB = 1024 * 1024


class ReportProblemKind(enum.Enum):
    """Why a report was not read, in words that end the sentence "… was not read: "."""

    NOT_FOUND = "there is no such file or folder"
    UNREADABLE = "the file cannot be opened; look at its permissions"
    NOT_REGULAR = "it is not a regular file"
    TOO_LARGE = "it is larger than any plausible report"
    EXPANDS_TOO_FAR = "unpacked it is larger than any plausible report"
    TOO_MANY_MEMBERS = "the archive has too many members"
    TOO_MANY_ROWS = "it has more rows or elements than any plausible report"
    TOO_DEEP = "archives, mails or XML elements are nested too deeply"
    EMPTY = "it is empty"
    BAD_ARCHIVE = "the zip archive is damaged"
    UNSUPPORTED_ARCHIVE = "the zip member is encrypted or uses a compression other than deflate"
    BAD_COMPRESSION = "the compressed data is damaged"
    NO_REPORT = (
        "it contains no report (neither XML nor JSON, alone or in a gzip file, a zip file or a "
        "mail)"
    )
    FORBIDDEN_XML = "its XML declares a document type or entities, which no report needs"
    BAD_XML = "its XML is cut off or damaged beyond repair"
    BAD_JSON = "its JSON is cut off, or not that of a TLS report"
    NO_DOMAIN = "it does not name the domain that it is about"
    NO_DATES = "it does not say which period it is about"
    BAD_DATES = "its period ends before it begins, or is not a possible one"
    NEGATIVE_COUNT = "it counts a negative or impossible number of messages"
    OTHER_DOMAIN = "it is about another domain"


class NoteKind(enum.Enum):
    """What was odd in a report that was read all the same."""

    REPAIRED_XML = "its XML is malformed and was repaired"
    BAD_ENCODING = "its text is not in the encoding that it declares"
    ROW_WITHOUT_COUNT = "rows without a readable number of messages were left out"
    ROW_WITHOUT_ADDRESS = "rows name no valid source address"
    ROW_WITHOUT_RESULT = "rows do not say whether DKIM or SPF was aligned; taken as not aligned"
    FOREIGN_FROM = "rows are about a From domain outside the policy domain"


@dataclass(frozen=True, slots=True)
class ReportProblem:
    """A report, or a file that should hold one, that was not read.

    `path` is the file; `members` lead to the place inside it (zip member, attachment), from
    the outside in; `line` is that of the XML, from 1, where one is known; `detail` is the
    text at fault, where naming it helps.
    """

    path: str
    kind: ReportProblemKind
    members: tuple[str, ...] = ()
    line: int | None = None
    detail: str = ""

    @property
    def place(self) -> str:
        """Path, members and line in one text."""
        place = " > ".join((self.path, *self.members))
        return place if self.line is None else f"{place}:{self.line}"

    @property
    def message(self) -> str:
        """One sentence for the screen."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.place} was not read: {self.kind.value}{detail}."


@dataclass(frozen=True, slots=True)
class ReportNote:
    """Something odd in a report that counts all the same; *rows* says how many rows, if any."""

    path: str
    kind: NoteKind
    members: tuple[str, ...] = ()
    rows: int = 0

    @property
    def place(self) -> str:
        """Path and members in one text."""
        return " > ".join((self.path, *self.members))

    @property
    def words(self) -> str:
        """What was odd, and in how many rows."""
        return f"{self.kind.value} ({self.rows})" if self.rows else self.kind.value


class ReportError(Exception):
    """Ends the reading of one report; becomes a `Problem` where the path is known."""

    def __init__(self, kind: ReportProblemKind, line: int | None = None, detail: str = "") -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.line = line
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ReportLimits:
    """Bounds on one file; sizes in bytes. A day's report of a very large sender stays below."""

    file_size: int = 64 * MIB
    """A file as it lies on the disk, or one mail of an mbox."""
    document_size: int = 32 * MIB
    """One XML document, unpacked."""
    total_size: int = 128 * MIB
    """Everything that one file (or one mail of an mbox) unpacks to."""
    mbox_size: int = 4096 * MIB
    """An mbox, which is read mail by mail."""
    members: int = 10_000
    """Members of one zip archive, or parts of one mail."""
    nesting: int = 5
    """Archives and mails inside each other."""
    repair_size: int = 4 * MIB
    """One XML document that is malformed and worth repairing."""
    rows: int = 100_000
    """Rows of one report."""
    elements: int = 5_000_000
    """XML elements in one file."""
    unknown_elements: int = 300_000
    """XML elements of one report that the schema does not know; the parser keeps their names."""
    element_depth: int = 32
    """XML elements inside each other."""


class ReportBudget:
    """What is left of the bounds while one file is read."""

    __slots__ = ("elements", "limits", "size")

    def __init__(self, limits: ReportLimits) -> None:
        self.limits = limits
        self.size = limits.total_size
        self.elements = limits.elements

    def spend(self, size: int) -> None:
        """Take *size* unpacked bytes off; raises `ReportError` when there are not as many left."""
        self.size -= size
        if self.size < 0:
            raise ReportError(ReportProblemKind.EXPANDS_TOO_FAR)
