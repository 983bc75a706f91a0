"""Workspaces that have vectors are searched by the newest of the models that made them."""

from django.db import migrations

SERVE = """
    INSERT INTO ingestion_serving (workspace_id, space_id)
    SELECT workspace_id, max(space_id) FROM ingestion_embedding GROUP BY workspace_id
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0003_serving")]

    operations = [migrations.RunSQL(SERVE, migrations.RunSQL.noop)]
