"""The socket of a conversation as a program uses it."""

import json

from asgiref.testing import ApplicationCommunicator

from config.asgi import application

SECONDS = 10


class Socket:
    """A program at the other end of a conversation's socket."""

    def __init__(self, conversation, token=None, headers=()):
        subprotocols = ["reading-room", f"bearer.{token}"] if token else []
        path = f"/ws/conversations/{getattr(conversation, 'pk', conversation)}/"
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b""}
        self.wire = ApplicationCommunicator(
            application, {**scope, "headers": list(headers), "subprotocols": subprotocols}
        )

    async def __aenter__(self):
        await self.wire.send_input({"type": "websocket.connect"})
        answer = await self.wire.receive_output(SECONDS)
        self.connected = answer["type"] == "websocket.accept"
        self.subprotocol = answer.get("subprotocol")
        return self

    async def __aexit__(self, *exc_info):
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(SECONDS)

    async def send(self, **frame):
        await self.wire.send_input({"type": "websocket.receive", **frame})

    async def say(self, **frame):
        await self.send(text=json.dumps(frame))

    async def hear(self):
        message = await self.wire.receive_output(SECONDS)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def hear_until(self, kind):
        events = []
        while not events or events[-1]["type"] != kind:
            events.append(await self.hear())
        return events

    async def is_closed(self):
        while (message := await self.wire.receive_output(SECONDS))["type"] != "websocket.close":
            pass
        return message["code"]
