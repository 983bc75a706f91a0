"""Web pages, uploads in parts and watched folders."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import web.ids


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0010_archives"),
        ("workspaces", "0002_ocr"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WatchedFolder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=web.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("path", models.TextField()),
                ("label", models.CharField(max_length=100)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("due", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("scanned", models.DateTimeField(null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watched_folders",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
            },
        ),
        migrations.CreateModel(
            name="WatchedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.TextField()),
                ("size", models.BigIntegerField()),
                ("modified", models.BigIntegerField()),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("missing_since", models.DateTimeField(null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_details", models.JSONField(blank=True, default=dict)),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ingestion.document",
                    ),
                ),
                (
                    "folder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="ingestion.watchedfolder",
                    ),
                ),
            ],
            options={
                "ordering": ["folder", "path"],
            },
        ),
        migrations.CreateModel(
            name="WebPage",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="web_page",
                        serialize=False,
                        to="ingestion.document",
                    ),
                ),
                ("url", models.CharField(max_length=2000)),
                (
                    "refetch",
                    models.CharField(
                        choices=[("never", "Never"), ("daily", "Daily"), ("weekly", "Weekly")],
                        default="never",
                        max_length=6,
                        verbose_name="check for changes",
                    ),
                ),
                ("due", models.DateTimeField(null=True)),
                ("fetched", models.DateTimeField(null=True)),
                ("checked", models.DateTimeField(null=True)),
                ("seen_url", models.CharField(blank=True, default="", max_length=2000)),
                ("etag", models.CharField(blank=True, default="", max_length=200)),
                ("last_modified", models.CharField(blank=True, default="", max_length=100)),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_details", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["due"], name="web_page_due")],
            },
        ),
        migrations.CreateModel(
            name="PartialUpload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=web.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField()),
                ("offset", models.PositiveBigIntegerField(default=0)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=200)),
                ("on_conflict", models.CharField(blank=True, default="", max_length=10)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("changed", models.DateTimeField(auto_now=True)),
                ("is_duplicate", models.BooleanField(default=False)),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_message", models.TextField(blank=True, default="")),
                ("error_status", models.PositiveSmallIntegerField(default=400)),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ingestion.document",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["changed"], name="partial_upload_changed")],
            },
        ),
        migrations.AddConstraint(
            model_name="watchedfolder",
            constraint=models.UniqueConstraint(
                fields=("workspace", "label"), name="watched_folder_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedfile",
            constraint=models.UniqueConstraint(fields=("folder", "path"), name="watched_file_once"),
        ),
    ]
