"""Base classes of serializers, with times in UTC."""

from datetime import UTC
from typing import Any, ClassVar, TypeVar

from django.db import models
from rest_framework import serializers

M = TypeVar("M", bound=models.Model)


class UtcDateTimeField(serializers.DateTimeField):
    """A time in UTC; REST framework's default is the server's time zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default_timezone": UTC, **options})


class ModelSerializer(serializers.ModelSerializer[M]):
    """Base of all model serializers."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }
