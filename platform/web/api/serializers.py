"""What the JSON of every app has in common: times are in UTC, wherever the server stands."""

from datetime import UTC
from typing import Any, ClassVar, TypeVar

from django.db import models
from rest_framework import serializers

M = TypeVar("M", bound=models.Model)


class UtcDateTimeField(serializers.DateTimeField):
    """A time in UTC; left to itself REST framework says it in the server's own time zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default_timezone": UTC, **options})


class ModelSerializer(serializers.ModelSerializer[M]):
    """Base of the serializers of our models."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }
