"""Redis as Celery's broker: with a password, over TLS, and unreachable."""

import subprocess

import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError
from support.redis_server import RedisServer, running_redis

from embedded.file_broker import broker_settings
from embedded.health import readiness

QUEUE = Queue("index", Exchange("index"), routing_key="index")
CERTIFICATE = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
]
NAMES = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]


def connection(server: RedisServer, tmp_path) -> Connection:
    settings = broker_settings(tmp_path, server.url)
    return Connection(
        settings["broker_url"],
        ssl=settings["broker_use_ssl"],
        transport_options=settings["broker_transport_options"],
    )


def sent_and_received(server: RedisServer, tmp_path) -> object:
    with connection(server, tmp_path) as sender, connection(server, tmp_path) as receiver:
        sender.Producer().publish(
            "wake up", exchange=QUEUE.exchange, routing_key="index", declare=[QUEUE]
        )
        message = receiver.SimpleQueue(QUEUE).get(timeout=5)
        message.ack()
        return message.payload


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem"), "-days", "2"]
    subprocess.run([*CERTIFICATE, *NAMES, *files], check=True, capture_output=True)
    return folder


def with_tls(certificate, query: str):
    files = [f"--tls-cert-file={certificate}/ca.pem", f"--tls-key-file={certificate}/key.pem"]
    plain = [word for file in files for word in file.split("=", 1)]
    return running_redis(
        "--port", "0", *plain, "--tls-auth-clients", "no", tls=True, query=query, password="quiet"
    )


def test_a_message_is_delivered_with_a_password(tmp_path):
    with running_redis(password="quiet") as server:
        assert sent_and_received(server, tmp_path) == "wake up"


def test_a_message_is_delivered_over_tls_with_a_given_authority(tmp_path, certificate):
    with with_tls(certificate, f"?ssl_ca_certs={certificate}/ca.pem") as server:
        assert sent_and_received(server, tmp_path) == "wake up"


def test_an_untrusted_certificate_is_refused(tmp_path, certificate):
    with with_tls(certificate, f"?ssl_ca_certs={certificate}/ca.pem") as server:
        server.url = server.url.partition("?")[0]

        with pytest.raises((OperationalError, OSError), match=r"(?i)certificate"):
            sent_and_received(server, tmp_path)


def test_readiness_reports_an_unreachable_redis(tmp_path, monkeypatch):
    with running_redis() as server:
        monkeypatch.setattr(readiness, "current_app", _App(server, tmp_path))
        assert readiness.broker() == ""

        server.kill()

        assert "Redis" in readiness.broker()


class _App:
    """The attributes of a Celery application that readiness uses."""

    def __init__(self, server: RedisServer, folder) -> None:
        self._open = lambda: connection(server, folder)
        self.conf = type("Conf", (), {"broker_transport_options": {}})

    def connection_for_write(self, **_more: object) -> Connection:
        return self._open()
