"""Environment variables that keep third-party libraries from reporting to their makers.

Some report from native threads, where no hook of Python sees them: onnxruntime does so for each inference session.
Every process gets these variables in place of what the environment says: sending nothing is a promise, no preference.
"""

import os

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime 1.29 and newer
    "DO_NOT_TRACK": "1",  # unstructured, and whatever else keeps to the convention
    "SCARF_NO_ANALYTICS": "true",  # unstructured
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",  # tokenizers, by way of huggingface_hub
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",  # langchain-core, which langchain-text-splitters brings
    "LANGCHAIN_TRACING_V2": "false",
}


def disable_telemetry() -> None:
    """Set the variables for this process and all that it starts; call it before any library is imported."""
    os.environ.update(NO_TELEMETRY)
