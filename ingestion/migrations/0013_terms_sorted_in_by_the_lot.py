"""Terms of new chunks are sorted into their index many at a time; the index that is there is kept."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0012_what_past_chunks_keep"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX chunk_terms SET (fastupdate = on, gin_pending_list_limit = 256)",
                    "ALTER INDEX chunk_terms SET (fastupdate = off)",
                ),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="chunk", name="chunk_terms"),
                migrations.AddIndex(
                    model_name="chunk",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fastupdate=True,
                        fields=["terms"],
                        gin_pending_list_limit=256,
                        name="chunk_terms",
                    ),
                ),
            ],
        ),
    ]
