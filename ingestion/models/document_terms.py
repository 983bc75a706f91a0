"""DocumentTerms: a document as one entry of the index, beside its chunks. Imported by `models`."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from pgvector.django import SparseVectorField

from accounts.models import User
from ingestion.lexical_terms import TERM_SPACE
from ingestion.models.documents import Document
from workspaces.models import Workspace


class DocumentTermsQuerySet(models.QuerySet["DocumentTerms"]):
    """Terms of documents, as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Terms of the documents in the workspaces that `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class DocumentTerms(models.Model):
    """The terms of a document that is searched, in two fields: its whole text, and what identifies it.

    `ingestion.document_terms` makes them. Term ids are those of the chunks' terms. The arrays are
    for the inverted index, the sparse vectors have the same ids with their weights.
    """

    document = models.OneToOneField(
        Document, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    text_terms = ArrayField(models.IntegerField(), default=list)
    text_weights = SparseVectorField(dimensions=TERM_SPACE)
    identity_terms = ArrayField(models.IntegerField(), default=list)
    identity_weights = SparseVectorField(dimensions=TERM_SPACE)
    # The last month of the newest period that the name, title or title page gives, as year × 100 +
    # month.
    period = models.PositiveIntegerField(null=True)

    objects = DocumentTermsQuerySet.as_manager()

    class Meta:
        # As on chunks: sorted in by 256 kB.
        indexes = [
            GinIndex(
                fields=[f"{field}_terms"],
                name=f"document_{field}_terms",
                fastupdate=True,
                gin_pending_list_limit=256,
            )
            for field in ("text", "identity")
        ]

    def __str__(self) -> str:
        return str(self.document_id)
