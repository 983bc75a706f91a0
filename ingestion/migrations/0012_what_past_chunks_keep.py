"""Past chunks say as much of where they stood as chunks do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0011_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="pastchunk",
            name="boxes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="pastchunk",
            name="end",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="pastchunk",
            name="start",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
