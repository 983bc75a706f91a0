from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0008_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="chunk",
            name="boxes",
            field=models.JSONField(default=list),
        ),
    ]
