"""Keeps weights and terms in the row itself, and moves the text out instead: a search reads thousands of weights but
only a few texts, and takes half the time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ingestion_chunk ALTER COLUMN weights SET STORAGE MAIN, ALTER COLUMN terms SET STORAGE MAIN",
            "ALTER TABLE ingestion_chunk"
            " ALTER COLUMN weights SET STORAGE EXTENDED, ALTER COLUMN terms SET STORAGE EXTENDED",
        )
    ]
