"""Find copied news articles: near-duplicate clusters, whose copy they are, what was changed.

Heavy modules load when a name is first used, so that `import dedup` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.errors import (
    DedupError,
    InputError,
    OutputError,
    SettingsError,
    StoreError,
    WorkError,
)
from dedup.records import Article, Skipped
from dedup.settings import Settings
from dedup.version import __version__

if TYPE_CHECKING:
    from dedup.api import cluster, explain, trace
    from dedup.index.ingest import Index, Verdict
    from dedup.results.result import Result, Trace
    from dedup.tracing.alignment import Alignment, align
    from dedup.tracing.credit_lines import Credit, credits  # noqa: A004, the field's word
    from dedup.tracing.explain import Explanation

__all__ = [
    "Alignment",
    "Article",
    "Credit",
    "DedupError",
    "Explanation",
    "Index",
    "InputError",
    "OutputError",
    "Result",
    "Settings",
    "SettingsError",
    "Skipped",
    "StoreError",
    "Trace",
    "Verdict",
    "WorkError",
    "__version__",
    "align",
    "cluster",
    "credits",
    "explain",
    "trace",
]

_LOADED_LATER = {
    "Alignment": "dedup.tracing.alignment",
    "Credit": "dedup.tracing.credit_lines",
    "Explanation": "dedup.tracing.explain",
    "Index": "dedup.index.ingest",
    "Result": "dedup.results.result",
    "Trace": "dedup.results.result",
    "Verdict": "dedup.index.ingest",
    "align": "dedup.tracing.alignment",
    "cluster": "dedup.api",
    "credits": "dedup.tracing.credit_lines",
    "explain": "dedup.api",
    "trace": "dedup.api",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_LATER:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LOADED_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
