"""Messages of Outlook (MSG) made of a few properties: a compound file with a stream for each string."""

import struct
from collections.abc import Mapping, Sequence

END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
SECTOR_BYTES, MINI_SECTOR_BYTES = 512, 64
STORAGE, STREAM, ROOT = 1, 2, 5
NUMBER, UNICODE, STRING_8, BINARY = 0x0003, 0x001F, 0x001E, 0x0102

Properties = Mapping[int, int | str | bytes | bytearray]
Node = Mapping[str, "bytes | Node"]


def outlook_message(
    properties: Properties,
    *,
    recipients: Sequence[Properties] = (),
    attachments: Sequence[Properties] = (),
) -> bytes:
    """A message: numbers, texts (as UTF-16), bytes (as 8-bit strings) and bytearrays (as binary), by their ids."""
    parts: dict[str, Node] = {
        f"__{kind}_version1.0_#{number:08X}": _storage(bytes(8), each)
        for kind, rows in (("recip", recipients), ("attach", attachments))
        for number, each in enumerate(rows)
    }
    return compound_file({**_storage(bytes(32), properties), **parts})


def _storage(header: bytes, properties: Properties) -> Node:
    entries, streams = header, {}
    for pid, value in properties.items():
        if isinstance(value, int):
            entries += struct.pack("<HHIII", NUMBER, pid, 6, value, 0)
            continue
        kind = (
            UNICODE if isinstance(value, str) else STRING_8 if isinstance(value, bytes) else BINARY
        )
        data = value.encode("utf-16-le") if isinstance(value, str) else bytes(value)
        entries += struct.pack("<HHIII", kind, pid, 6, len(data), 0)
        streams[f"__substg1.0_{pid:04X}{kind:04X}"] = data
    return {"__properties_version1.0": entries, **streams}


def compound_file(root: Node) -> bytes:
    """A compound file (MS-CFB, version 3) of streams of less than 4096 bytes, as bytes by name, and storages."""
    entries: list[bytes] = []
    mini, mini_fat = b"", []

    def add(name: str, node: bytes | Node, kind: int, right: int = NONE) -> int:
        """Write an entry behind its children and siblings; return its number."""
        nonlocal mini
        number, child, start, size = len(entries), NONE, 0, 0
        entries.append(b"")
        if isinstance(node, bytes):
            assert len(node) < 4096
            start, size = len(mini_fat) if node else END, len(node)
            sectors = -(-size // MINI_SECTOR_BYTES)
            mini += node.ljust(sectors * MINI_SECTOR_BYTES, b"\0")
            mini_fat.extend([*range(start + 1, start + sectors), END] if sectors else [])
        else:
            for key, inner in node.items():  # A tree that only leans to one side.
                child = add(key, inner, STREAM if isinstance(inner, bytes) else STORAGE, child)
        if kind == ROOT:
            start, size = 0, len(mini)  # The sectors of small streams come first.
        encoded = name.encode("utf-16-le")
        about = (len(encoded) + 2, kind, 1, NONE, right, child, bytes(16), 0, 0, 0, start, size, 0)
        entries[number] = encoded.ljust(64, b"\0") + struct.pack("<HBBIII16sIQQIII", *about)
        return number

    add("Root Entry", root, ROOT)
    sectors: list[bytes] = []
    chains: list[int] = []
    starts = []
    for data in (mini, struct.pack(f"<{len(mini_fat)}I", *mini_fat), b"".join(entries)):
        count = -(-len(data) // SECTOR_BYTES)
        starts.append(len(sectors))
        filler = b"\xff" if data is not mini else b"\0"
        sectors += [
            data[n * SECTOR_BYTES : (n + 1) * SECTOR_BYTES].ljust(SECTOR_BYTES, filler)
            for n in range(count)
        ]
        chains += [*range(starts[-1] + 1, starts[-1] + count), END]
    assert len(chains) < SECTOR_BYTES // 4
    table = [*chains, FAT] + [FREE] * (SECTOR_BYTES // 4 - len(chains) - 1)
    mini_sectors = starts[2] - starts[1]
    header = struct.pack(
        "<8s16sHHHHHHLLLLLLLLLL",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0),
        *(1, starts[2], 0, 4096, starts[1], mini_sectors, END, 0),
    ) + struct.pack("<109I", len(sectors), *[FREE] * 108)
    return header + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)
