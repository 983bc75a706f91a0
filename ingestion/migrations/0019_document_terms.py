import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgvector.django.sparsevec
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0018_repeated"),
        ("workspaces", "0003_parse_servers"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentTerms",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ingestion.document",
                    ),
                ),
                (
                    "text_terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("text_weights", pgvector.django.sparsevec.SparseVectorField(dimensions=536870912)),
                (
                    "identity_terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                (
                    "identity_weights",
                    pgvector.django.sparsevec.SparseVectorField(dimensions=536870912),
                ),
                ("period", models.PositiveIntegerField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=True,
                        fields=["text_terms"],
                        gin_pending_list_limit=256,
                        name="document_text_terms",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=True,
                        fields=["identity_terms"],
                        gin_pending_list_limit=256,
                        name="document_identity_terms",
                    ),
                ],
            },
        ),
    ]
