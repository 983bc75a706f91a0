"""Documents that came out of an archive point back at it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0009_boxes")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="archive",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="ingestion.document",
            ),
        ),
        migrations.AddField(
            model_name="document", name="contents", field=models.JSONField(null=True)
        ),
    ]
