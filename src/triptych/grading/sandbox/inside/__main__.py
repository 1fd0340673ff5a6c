"""``python -m inside warm FD FRAMEWORK...`` and ``python -m inside single``; see the package."""

from __future__ import annotations

import sys

from . import supervisor, warm

if sys.argv[1] == "warm":
    warm.serve(int(sys.argv[2]), sys.argv[3:])
else:
    supervisor.serve_one()
