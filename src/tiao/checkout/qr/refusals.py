"""What is wrong with a code. The wire name is the refusal's code without its leading `qr_`."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class QrRefused(Refusal):
    """The code cannot be read or written."""

    kind = Kind.INVALID

    def __init__(self, detail: str, *, at: int) -> None:
        super().__init__(detail, at=at)
        self.at = at

    @property
    def fault(self) -> str:
        """Name the fault as the wire does."""
        return self.code.removeprefix("qr_")


class QrTruncated(QrRefused):
    """An element says that it is longer than what follows."""


class QrBadId(QrRefused):
    """An identifier is not of the agreed form."""


class QrBadLength(QrRefused):
    """A length is not of the agreed form, or zero, or too large."""


class QrDuplicateId(QrRefused):
    """An identifier stands twice where it may stand once."""


class QrPayloadFormatMissing(QrRefused):
    """The code does not begin with its format indicator."""


class QrCrcMissing(QrRefused):
    """The code does not end with its checksum."""


class QrCrcMismatch(QrRefused):
    """The checksum does not belong to the code."""


class QrTemplateGuid(QrRefused):
    """A template lacks the identifier of whoever defined it."""


class QrAmountFormat(QrRefused):
    """The amount is no decimal number."""


class QrAmountZero(QrRefused):
    """The amount is zero."""


class QrTooLong(QrRefused):
    """A value is longer than its element allows."""


class QrMissingId(QrRefused):
    """A mandatory element is missing."""


class QrBadBase64(QrRefused):
    """The code is not Base64."""


class QrApplicationTemplateMissing(QrRefused):
    """The code names no payment application."""


class QrDocumentMalformed(QrRefused):
    """The question does not have the agreed form."""
