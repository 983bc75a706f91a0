"""An embedding server that costs next to nothing, in its own process: `python no_cost.py 0` prints its address.

The number is how many seconds it takes for each answer, without any work. Speaks as
OpenAI-compatible servers do. Which of a thousand ready vectors a text gets is decided by its
checksum.
"""

import asyncio
import json
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MODEL = "no-cost-embed"
DIMENSIONS = 384
READY = 1000


def main() -> None:
    """Serve until interrupted."""
    asyncio.run(_serve(float(sys.argv[1])))


@contextmanager
def no_cost(pause: float = 0.0) -> Iterator[str]:
    """Run it; yield its address. `pause` is how many seconds it takes for each answer, without any work."""
    with subprocess.Popen(
        [sys.executable, __file__, str(pause)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _serve(pause: float) -> None:
    chance = random.Random(1)
    vectors = [
        json.dumps([round(chance.gauss(0, 1), 4) for _ in range(DIMENSIONS)]) for _ in range(READY)
    ]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            body = await reader.readexactly(_length(head))
            await asyncio.sleep(pause)
            content = _answer(head, body, vectors).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(content)
            )
            writer.write(content)
            with suppress(ConnectionError):  # Who asked may have been killed.
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**24)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _answer(head: bytes, body: bytes, vectors: list[str]) -> str:
    if b"/embeddings " not in head:
        return json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
    texts = json.loads(body)["input"]
    texts = [texts] if isinstance(texts, str) else texts
    rows = [
        f'{{"object":"embedding","index":{index},"embedding":{vectors[zlib.crc32(text.encode()) % READY]}}}'
        for index, text in enumerate(texts)
    ]
    return f'{{"object":"list","model":"{MODEL}","data":[{",".join(rows)}]}}'


if __name__ == "__main__":
    main()
