"""``python -m triptych.grading.marking FD``: a marking process, asked on that socket."""

from __future__ import annotations

import sys

from triptych.grading.marking.worker import serve

if __name__ == "__main__":
    serve(int(sys.argv[1]))
