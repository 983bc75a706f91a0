"""Processes of the previous version can write to migrated tables, without the new columns."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Field

OURS = {"accounts", "audit", "providers", "workspaces", "ingestion", "chat"}


def columns_added_to_existing_tables() -> list[Field]:
    """Return the fields added to the tables of an earlier migration, as the models have them today."""
    found = []
    for (app, _name), migration in MigrationLoader(None).disk_migrations.items():
        created = {
            each.name.lower() for each in migration.operations if isinstance(each, CreateModel)
        }
        for operation in migration.operations if app in OURS else []:
            if isinstance(operation, AddField) and operation.model_name.lower() not in created:
                try:
                    field = apps.get_model(app, operation.model_name)._meta.get_field(
                        operation.name
                    )
                except (LookupError, FieldDoesNotExist):
                    continue
                found.append(field)
    return found


def test_added_columns_are_nullable_or_have_a_database_default():
    added = columns_added_to_existing_tables()

    assert len(added) > 10
    assert [
        str(field) for field in added if not field.null and field.db_default is NOT_PROVIDED
    ] == []
