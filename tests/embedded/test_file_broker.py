"""The file broker delivers complete messages once and in order."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Exchange, Queue

from embedded.file_broker import broker_settings

QUEUE = Queue("index", Exchange("index"), routing_key="index")


@pytest.fixture
def connect(tmp_path):
    """Return a new connection at each call, as each process has its own."""
    settings = broker_settings(tmp_path, "")
    opened = []

    def connect() -> Connection:
        connection = Connection(
            settings["broker_url"],
            transport=settings["broker_transport"],
            transport_options=settings["broker_transport_options"],
        )
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.release()


def send(connection: Connection, *bodies: object) -> None:
    producer = connection.Producer()
    for body in bodies:
        producer.publish(body, exchange=QUEUE.exchange, routing_key="index", declare=[QUEUE])


def receive(connection: Connection) -> object:
    queue = connection.SimpleQueue(QUEUE)
    try:
        message = queue.get(block=False)
    except Empty:
        return None
    message.ack()
    return message.payload


def test_messages_are_received_in_sending_order(connect):
    send(connect(), *range(20))
    reader = connect()

    assert [receive(reader) for _ in range(21)] == [*range(20), None]


def test_each_message_is_delivered_to_one_reader(connect):
    send(connect(), *range(10))
    one, two = connect(), connect()

    seen = [receive(reader) for _ in range(6) for reader in (one, two)]

    assert sorted(number for number in seen if number is not None) == list(range(10))


def test_an_incomplete_message_is_invisible(connect, tmp_path):
    reader = connect()
    send(connect(), "first")
    folder = tmp_path / "broker" / "index"
    (folder / ".00000000000000000001-half").write_bytes(b'{"body": "ha')

    assert receive(reader) == "first"
    assert receive(reader) is None


def test_a_malformed_message_is_dropped(connect, tmp_path):
    reader = connect()
    send(connect(), "good")
    (tmp_path / "broker" / "index" / "00000000000000000001-bad").write_bytes(b"")

    assert receive(reader) == "good"
    assert list((tmp_path / "broker" / "index").iterdir()) == []


def test_a_message_that_cannot_be_written_is_dropped_with_a_warning(connect, tmp_path, caplog):
    (tmp_path / "broker").write_text("no folder")

    send(connect(), "lost")

    assert "A message to index could not be left" in caplog.text


def test_the_folder_is_closed_to_other_users(connect, tmp_path):
    send(connect(), 1)

    assert (tmp_path / "broker" / "index").stat().st_mode & 0o077 == 0


def test_a_redis_url_replaces_the_file_broker():
    assert broker_settings(Path("/var"), "redis://host/1")["broker_url"] == "redis://host/1"
    assert "broker_transport" not in broker_settings(Path("/var"), "redis://host/1")
