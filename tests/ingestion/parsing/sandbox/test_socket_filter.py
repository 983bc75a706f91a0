"""The seccomp filter refuses sockets to native code, running threads and started programs."""

import subprocess
import sys

import pytest

from embedded.terminal_language import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters system calls")

# Raw system calls, as native code makes them: socket() is number 41 or 198, io_uring_setup() is
# 425.
ATTEMPTS = """
import ctypes, platform, socket, subprocess, sys, threading
from ingestion.parsing.sandbox.socket_filter import refuse_sockets

libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
ready, refused = threading.Event(), []

def attempt():
    ready.wait()
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_UNIX):
        refused.append(libc.syscall(number, family, socket.SOCK_DGRAM, 0) == -1 and ctypes.get_errno() == 13)
    refused.append(libc.syscall(425, 8, 0) == -1 and ctypes.get_errno() == 13)

thread = threading.Thread(target=attempt)
thread.start()
assert refuse_sockets(except_unix=sys.argv[1] == "unix")
ready.set()
thread.join()
child = "import socket\\ntry: socket.socket()\\nexcept PermissionError: print('refused')"
print(*refused, subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout.strip())
socket.socketpair()
"""


@pytest.mark.parametrize(
    ("kept", "said"),
    [("none", "True True True True True refused"), ("unix", "True True True False True refused")],
)
def test_threads_and_programs_get_no_socket(kept, said):
    tried = subprocess.run(
        [sys.executable, "-c", ATTEMPTS, kept],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.stdout.strip() == said, tried.stderr


def test_an_unknown_processor_has_no_filter():
    code = "import platform; platform.machine = lambda: 'riscv64'\n"
    code += "from ingestion.parsing.sandbox.socket_filter import refuse_sockets; import socket\n"
    code += "print(refuse_sockets()); socket.socket()"

    tried = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert tried.stdout.strip() == "False"
