"""Environment variables that turn off the telemetry of third-party libraries.

Some libraries report from native threads, which no Python hook sees: onnxruntime does for each
inference session. The variables override those of the environment, because no telemetry is a
promise, not a preference.
"""

import os

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime 1.29 and newer
    "DO_NOT_TRACK": "1",  # unstructured, and other libraries that follow the convention
    "SCARF_NO_ANALYTICS": "true",  # unstructured
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",  # tokenizers, by way of huggingface_hub
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",  # langchain-core, which langchain-text-splitters brings
    "LANGCHAIN_TRACING_V2": "false",
}


def disable_telemetry() -> None:
    """Set the variables for this process and its children, before any library is imported."""
    os.environ.update(NO_TELEMETRY)
