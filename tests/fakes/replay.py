"""A server that says again what another has said, byte for byte, in blocks of any size."""

from collections.abc import AsyncIterator
from pathlib import Path

from fakes.sockets import Answer, FakeServer, Request

RECORDINGS = Path(__file__).parent / "recordings"
MEDIA_TYPES = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
}


class Replay(FakeServer):
    """Answers everything with one recording; one that was cut ends by hanging up."""

    def __init__(
        self, recording: Path, *, status: int = 200, block: int = 1 << 16, cut: bool = False
    ) -> None:
        super().__init__()
        self._content = recording.read_bytes()
        self._media_type = MEDIA_TYPES[recording.suffix]
        self._status = status
        self._block = block
        if cut:
            self.fault = "cut at the end"

    async def answer(self, request: Request) -> Answer:
        return Answer(self._status, frames=self._blocks(), media_type=self._media_type)

    async def _blocks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), self._block):
            yield self._content[start : start + self._block]
        if self.fault == "cut at the end":
            await self.break_off()
