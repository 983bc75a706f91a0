"""Versions of documents; a name and bytes may come together in more than one document from here on."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0006_sizes_of_vectors"),
        ("workspaces", "0002_ocr"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PastChunk",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("text", models.TextField()),
                (
                    "headings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("page_from", models.PositiveIntegerField(null=True)),
                ("page_to", models.PositiveIntegerField(null=True)),
            ],
            options={
                "ordering": ["version", "position"],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("media_type", models.CharField(blank=True, default="", max_length=150)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_details", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["document", "-number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="document",
            name="document_once",
        ),
        migrations.AddField(
            model_name="document",
            name="stand_in",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["workspace", "name", "-id"], name="document_name"),
        ),
        migrations.AddField(
            model_name="version",
            name="added_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="blob",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="ingestion.blob",
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="ingestion.document",
            ),
        ),
        migrations.AddField(
            model_name="pastchunk",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chunks",
                to="ingestion.version",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="version_once"),
        ),
        migrations.AddConstraint(
            model_name="pastchunk",
            constraint=models.UniqueConstraint(
                fields=("version", "position"), name="past_chunk_position"
            ),
        ),
    ]
