"""A seccomp filter that refuses sockets to this process, its threads and its children.

It covers native code, which Python's audit hook does not see, and systems that grant no network
namespace. A process cannot remove the filter. Linux on x86-64 and ARM64 only; see
docs/decisions/0001-system-call-filter.md.
"""

import ctypes
import errno
import platform
import socket
import struct
import sys
from typing import Final, NamedTuple

PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_SET_MODE_FILTER: Final = 1
SECCOMP_FILTER_FLAG_TSYNC: Final = 1
SECCOMP_RET_ALLOW: Final = 0x7FFF0000
SECCOMP_RET_ERRNO: Final = 0x00050000
LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
# Offsets into struct seccomp_data; the low half of an argument comes first on both architectures.
SYSTEM_CALL, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
NO_FAMILY: Final = 0xFFFFFFFF
X32_CALLS: Final = 0x40000000
IO_URING_SETUP: Final = (
    425  # io_uring makes and uses sockets without the system calls that the filter checks.
)


class Architecture(NamedTuple):
    """The audit number of a processor, and the numbers of two system calls."""

    audit: int
    socket: int
    seccomp: int


ARCHITECTURES: Final = {
    "x86_64": Architecture(0xC000003E, socket=41, seccomp=317),
    "aarch64": Architecture(0xC00000B7, socket=198, seccomp=277),
}


def refuse_sockets(*, except_unix: bool = False) -> bool:
    """Make `socket()` and io_uring fail with EACCES; False if the system has no such filter.

    `except_unix` keeps Unix sockets.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or architecture is None:
        return False
    instructions = _program(architecture, except_unix=except_unix)
    code = ctypes.create_string_buffer(
        b"".join(struct.pack("=HBBI", *each) for each in instructions)
    )
    # struct sock_fprog: a count, padding up to a pointer, the pointer.
    program = ctypes.create_string_buffer(
        struct.pack("@HP", len(instructions), ctypes.addressof(code))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(
        libc.syscall(
            architecture.seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program
        )
        == 0
    )


def _program(architecture: Architecture, *, except_unix: bool) -> list[tuple[int, int, int, int]]:
    """Return the filter as classic BPF: operation, jump if true, jump if false, value."""
    return [
        (LOAD_WORD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 0, 7, architecture.audit),
        (LOAD_WORD, 0, 0, SYSTEM_CALL),
        (JUMP_IF_AT_LEAST, 5, 0, X32_CALLS),
        (JUMP_IF_EQUAL, 4, 0, IO_URING_SETUP),
        (JUMP_IF_EQUAL, 0, 2, architecture.socket),
        (LOAD_WORD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 0, 1, socket.AF_UNIX if except_unix else NO_FAMILY),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EACCES),
    ]
