"""builtin/static: averages of token vectors, with the table and the tokenizer of WordLlama's wheel.

WordLlama's own loader is not used: it imports a web client, doubles the size of the table and pads
each batch to its longest text. A test compares its vectors with these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_noop as _

from language.scripts import is_shouting, latin_share
from providers.exceptions import ProviderUnavailable
from providers.protocols import Vector
from web.sentences import Sentence

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

_TEXTS_PER_BATCH: Final = 64
# Measured by nDCG@10 on fourteen sets: English gains up to 0.03 with weights of 0.2 to 0.3, Chinese
# loses with weights above 0.05.
_WEIGHT_IN_ENGLISH: Final = 0.25
_WEIGHT_ELSEWHERE: Final = 0.03
_PACKAGE: Final = "wordllama"
_TOKENIZER_FILE: Final = "tokenizers/l2_supercat_tokenizer_config.json"
_TABLE_FILE: Final = "weights/l2_supercat_256.safetensors"


@dataclass(frozen=True, slots=True)
class _Files:
    tokenizer: "Tokenizer"
    table: "np.ndarray[Any, np.dtype[np.float16]]"


class StaticVectors:
    """Averages of token vectors, a hundred times faster than a neural model."""

    id: Final = "builtin/static"
    dimensions: Final = 256

    def __init__(self) -> None:
        self._reading = Lock()

    def dense_weight(self, query: str) -> float:
        """Return 0.25 for Latin queries, 0.03 for other scripts, which the table hardly covers."""
        latin = max(0.0, 2 * latin_share(query) - 1)
        return _WEIGHT_ELSEWHERE + (_WEIGHT_IN_ENGLISH - _WEIGHT_ELSEWHERE) * latin

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of length 1 for each text; a text without tokens gets zeros."""
        vectors: list[Vector] = []
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            vectors += self._embed(texts[start : start + _TEXTS_PER_BATCH]).tolist()
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a query, computed like that of a document."""
        return self.embed_documents([text])[0]

    def _embed(self, texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        import numpy as np

        files = self._files
        # Capitals have rare tokens with poor vectors, so a text all in capitals is lowercased.
        plain = [text.lower() if is_shouting(text) else text for text in texts]
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        tokenized = files.tokenizer.encode_batch_fast(plain, add_special_tokens=False)
        for vector, encoded in zip(vectors, tokenized, strict=True):
            if encoded.ids:
                files.table[np.asarray(encoded.ids)].mean(axis=0, dtype=np.float32, out=vector)
                vector /= max(float(np.linalg.norm(vector)), 1e-9)
        return vectors

    @property
    def _files(self) -> _Files:
        with self._reading:
            return self._read_once

    @cached_property
    def _read_once(self) -> _Files:
        from safetensors import safe_open
        from tokenizers import Tokenizer

        folder = _folder()
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        with safe_open(str(folder / _TABLE_FILE), framework="np") as tensors:
            return _Files(tokenizer, tensors.get_tensor("embedding.weight"))


def _folder() -> Path:
    found = find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or []) if found else []:
        if (Path(place) / _TABLE_FILE).is_file():
            return Path(place)
    raise ProviderUnavailable(
        Sentence(_("The built-in embedding model is missing. Run “make up” to install it again."))
    )
