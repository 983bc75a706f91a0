"""compose.yaml and the Caddyfile, read by docker-compose and Caddy if installed."""

import json
import re

import pytest
import yaml

from embedded.terminal_language import ROOT

OURS = {"prepare", "web", "worker", "maintenance"}


@pytest.fixture(scope="module")
def compose(tool):
    """Return the configuration that docker-compose resolves."""

    def compose(**environment: str):
        words = ("docker-compose", "-f", "compose.yaml", "--profile", "ollama", "config")
        return yaml.safe_load(tool(*words, **environment))

    return compose


@pytest.fixture(scope="module")
def composed(compose):
    return compose()


@pytest.fixture(scope="module")
def services(composed):
    return composed["services"]


def test_docker_compose_accepts_the_file_with_ollama_as_an_optional_profile(services, tool):
    tool("docker-compose", "-f", "compose.yaml", "config", "--quiet")

    assert set(services) == OURS | {"db", "redis", "caddy", "ollama"}
    written = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]
    assert {name for name in written if "profiles" in written[name]} == {"ollama"}


def test_every_service_restarts_and_has_a_health_check(services):
    for name, service in services.items():
        assert service["restart"] in {"unless-stopped", "on-failure"}, name
        assert service["logging"]["options"]["max-size"], name
    assert {name for name in services if "healthcheck" in services[name]} >= OURS - {"web"} | {
        "db",
        "redis",
    }
    assert "HEALTHCHECK" in (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")


def test_only_caddy_publishes_ports(services, composed):
    assert {name for name in services if services[name].get("ports")} == {"caddy"}
    assert set(services["db"]["networks"]) == set(services["redis"]["networks"]) == {"inside"}
    assert composed["networks"]["inside"]["internal"] is True


def test_no_variable_contains_the_password(services):
    for name in OURS:
        environment = services[name]["environment"]
        assert environment["DATABASE_PASSWORD_FILE"] == "/run/secrets/database_password"
        assert "quiet" not in str(environment)
    assert (
        services["db"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"
    )


def test_public_url_reaches_the_application_and_caddy(compose):
    services = compose(PUBLIC_URL="https://room.example.org")["services"]

    assert services["web"]["environment"]["PUBLIC_URL"] == "https://room.example.org"
    assert services["caddy"]["environment"]["SITE"] == "https://room.example.org"


def test_variables_of_env_reach_every_process(services):
    for name in OURS:
        environment = services[name]["environment"]
        assert (environment["ADMIN_EMAIL"], str(environment["WORKER_THREADS"])) == (
            "ada@example.org",
            "5",
        )
        assert environment["DATA_DIR"] == "/data", "the volume is there"


def test_images_have_a_version_tag():
    text = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")

    for image in re.findall(r"^    image: (.+)$", text, re.MULTILINE):
        assert ":" in image, image


@pytest.mark.parametrize(
    "site", ["http://localhost", "https://room.example.org", "http://intranet:8080"]
)
@pytest.mark.parametrize("tls", ["automatic", "internal"])
def test_caddy_accepts_its_configuration(tool, site, tls):
    told = ("--config", "Caddyfile", "--adapter", "caddyfile")
    tool("caddy", "validate", *told, SITE=site, CADDY_TLS=tls)

    assert json.loads(tool("caddy", "adapt", *told, SITE=site, CADDY_TLS=tls))["apps"]["http"][
        "servers"
    ]
