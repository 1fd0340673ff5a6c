"""``python -m inside warm FD USERS FRAMEWORK...``, ``... contained`` and ``... single``; see the package."""

from __future__ import annotations

import sys

from . import supervisor, warm
from .confinement import Place

if sys.argv[1] == "warm":
    warm.serve(int(sys.argv[2]), sys.argv[3] == "users", sys.argv[4:])
else:
    supervisor.serve_one(Place.CONTAINER if sys.argv[1] == "contained" else Place.HERE)
