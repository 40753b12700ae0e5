"""Tests are of the code beside them, in the commands that they start too, installed or not."""

from __future__ import annotations

import os
from pathlib import Path

_BEFORE = os.environ.get("PYTHONPATH")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), _BEFORE]))
