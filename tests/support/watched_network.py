"""A network whose only way out leads nowhere and is recorded: shows what any code sends, native libraries included.

    with_packets = run_watched([sys.executable, "program.py"])

Runs a program in new network and mount namespaces, in which no process can get another network
namespace, as in a container. Packets come from the wire, so they show the name servers asked and
the addresses tried. Needs root.
"""

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
ETH_P_ALL = 3
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
TCP, UDP = 6, 17  # The kernel's own ICMPv6 and IGMP are nothing that a program has sent.
NAME_SERVER = "10.99.0.2"
LINK = [
    "link set lo up",
    "link add out0 type veth peer name in0",
    "address add 10.99.0.1/24 dev out0",
    "-6 address add fd99::1/64 dev out0 nodad",
    "link set out0 up",
    "link set in0 up",
    f"route add default via {NAME_SERVER}",
    "-6 route add default via fd99::2",
    f"neighbour add {NAME_SERVER} lladdr 02:00:00:00:00:02 dev out0",
    "-6 neighbour add fd99::2 lladdr 02:00:00:00:00:02 dev out0",
]


@dataclass(frozen=True)
class Watched:
    """How a program ended in the watched network, and a line for each packet that it or its children sent."""

    returncode: int
    output: str
    packets: list[str]


def run_watched(
    argv: list[str], *, env: dict[str, str] | None = None, seconds: float = 120
) -> Watched:
    """Run a program to its end in a watched network."""
    with tempfile.NamedTemporaryFile("r") as report:
        watcher = [sys.executable, __file__, report.name, *argv]
        ended = subprocess.run(
            watcher, env=env, capture_output=True, text=True, timeout=seconds, check=False
        )
        return Watched(ended.returncode, ended.stdout + ended.stderr, json.load(report))


def main(report: str, argv: list[str]) -> int:
    """Enter the namespaces, run the program, write the packets to the file `report`, return the program's exit code."""
    enter_namespaces()
    packets: list[str] = []
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.bind(("in0", 0))
    threading.Thread(target=record, args=(wire, packets), daemon=True).start()
    code = subprocess.run(argv, check=False).returncode
    time.sleep(0.2)
    Path(report).write_text(json.dumps(packets), encoding="utf-8")
    return code


def enter_namespaces() -> None:
    """Unshare, with the same user numbers inside as outside, and set up the link that leads nowhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    mapped, unshared = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.read(unshared[0], 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{os.getppid()}/{kind}_map").write_text("0 0 65536", encoding="ascii")
        os.write(mapped[1], b"x")
        os._exit(0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no namespaces are to be had")
    os.write(unshared[1], b"x")
    os.read(mapped[0], 1)
    os.wait()
    for words in LINK:
        subprocess.run(["ip", *words.split()], check=True)
    with tempfile.NamedTemporaryFile("w") as resolver:
        resolver.write(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
        resolver.flush()
        subprocess.run(
            ["mount", "--bind", resolver.name, os.path.realpath("/etc/resolv.conf")], check=True
        )
    for kind in ("net", "user"):
        Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0", encoding="ascii")


def record(wire: socket.socket, packets: list[str]) -> None:
    """Add a line for each packet of a program: protocol, address, port and the printable part of its data."""
    while True:
        frame = wire.recv(4096)
        if frame[12:14] == IPV4:
            protocol, address, data = (
                frame[23],
                socket.inet_ntop(socket.AF_INET, frame[30:34]),
                frame[34:],
            )
        elif frame[12:14] == IPV6:
            protocol, address, data = (
                frame[20],
                socket.inet_ntop(socket.AF_INET6, frame[38:54]),
                frame[54:],
            )
        else:
            continue
        if protocol in (TCP, UDP):
            (port,) = struct.unpack_from("!H", data, 2)
            readable = "".join(chr(byte) if 32 < byte < 127 else "." for byte in data[8:])
            packets.append(
                f"{'TCP' if protocol == TCP else 'UDP'} to {address} port {port}: {readable}"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
