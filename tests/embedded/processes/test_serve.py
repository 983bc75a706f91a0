"""The web process accepts many connections per turn of its event loop."""

import asyncio
import socket
from contextlib import ExitStack

import uvloop

from embedded.processes.serve import handles

CONNECTIONS = 64
MOST_TURNS = 10


async def _turns_to_accept(listeners: list[socket.socket], connections: int) -> int:
    """Return the number of turns between the first accepted connection and the last."""
    loop, turn, accepted = asyncio.get_running_loop(), 0, []

    class Accepting(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(turn)
            transport.abort()

    servers = [await loop.create_server(Accepting, sock=listener) for listener in listeners]
    while len(accepted) < connections:
        turn += 1
        await asyncio.sleep(0)
    for server in servers:
        server.close()
    return accepted[-1] - accepted[0]


def test_simultaneous_connections_are_accepted_within_ten_turns_of_the_loop():
    listener = socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS)
    listeners = handles(listener)
    with ExitStack() as opened:
        for _number in range(CONNECTIONS):
            opened.enter_context(socket.create_connection(listener.getsockname(), timeout=10))

        assert uvloop.run(_turns_to_accept(listeners, CONNECTIONS)) <= MOST_TURNS
