"""Every "no" on the way to becoming a merchant."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class MerchantApplicationUnknown(Refusal):
    """There is no such application of a company."""

    kind = Kind.NOT_FOUND


class MerchantApplicationInvalid(Refusal):
    """What a company says of itself cannot be taken over: the field named is at fault."""

    kind = Kind.INVALID


class CreditCodeInvalid(Refusal):
    """A unified social credit code has 18 signs, the last of which follows from the others."""

    kind = Kind.INVALID


class CompanyAppliesAlready(Refusal):
    """This company has an application under way."""


class MerchantApplicationNotOpen(Refusal):
    """The application has come too far, or not far enough, for this."""


class PaperInvalid(Refusal):
    """The document cannot be taken: a PDF, a JPEG or a PNG image of at most two million bytes."""

    kind = Kind.INVALID


class TooManyPapers(Refusal):
    """No more documents are taken for this application."""


class PaperUnknown(Refusal):
    """There is no such document."""

    kind = Kind.NOT_FOUND


class PaperMissing(Refusal):
    """The scenes that are applied for ask for a document that was not shown."""


class CheckMissing(Refusal):
    """The register was not asked since the application was submitted, or has not answered."""


class GradeMissing(Refusal):
    """Nobody may decide before the rules have given a grade to what the last check found."""


class GradeNotApprovable(Refusal):
    """Nobody may approve an application of this grade."""


class OwnMerchantProposal(Refusal):
    """Who proposed something here cannot agree to it: another person must."""

    kind = Kind.FORBIDDEN


class ContractUnknown(Refusal):
    """There is no such contract, or it does not concern this company."""

    kind = Kind.NOT_FOUND


class ContractDiffers(Refusal):
    """What was signed is not the text that is in force or announced."""


class ContractVersionTaken(Refusal):
    """Versions of a contract follow each other one by one, from later and later days."""


class NoticeTooShort(Refusal):
    """Changed terms are announced longer ahead."""

    kind = Kind.INVALID


class ContractAgreedAlready(Refusal):
    """This text was agreed to and announced."""


class ContractNotSigned(Refusal):
    """The contracts of the scenes that are applied for are not signed yet."""


class RegistryMissing(Refusal):
    """No register of companies is connected here: set TIAO_REGISTRY_SECRET."""
