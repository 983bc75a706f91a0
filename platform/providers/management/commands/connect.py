"""`manage.py connect`: creates the connections of environment variables, each only once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from config import env
from providers.connections import services


class Command(BaseCommand):
    """Reads OLLAMA_URL and DEEPSEEK_API_KEY; a background task checks the servers later."""

    help = "Make the connections that OLLAMA_URL and DEEPSEEK_API_KEY ask for, unless that was done before."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the connections; an invalid value is reported on stderr and skipped."""
        if url := env.text("OLLAMA_URL"):
            self._connect("OLLAMA_URL", name="Ollama", kind="ollama", base_url=url)
        if key := env.secret("DEEPSEEK_API_KEY"):
            address = settings.DEEPSEEK_URL
            self._connect(
                "DEEPSEEK_API_KEY", name="DeepSeek", kind="openai", base_url=address, api_key=key
            )

    def _connect(self, variable: str, **values: str) -> None:
        try:
            services.connect_once(variable, **values)
        except ValidationError as error:
            self.stderr.write(f"{variable}: {' '.join(error.messages)}")
