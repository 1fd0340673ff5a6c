"""Write a model's file for a runtime: ``python -m triptych.benchmark.programs.export JOB``.

In a process of its own, so that the runtime's process has no framework in it. The job's ``out``
gets the seconds.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from triptych.benchmark.programs.child import Phases, pinned


def main(job_file: str) -> int:
    """Export; the seconds are in the job's file ``out``, the model in ``file``."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    pinned(job["threads"])
    module = importlib.import_module(f"triptych.benchmark.programs.{job['framework']}")
    module.start(job)
    phases = Phases()
    module.export(job, phases, job["file"])
    Path(job["out"]).write_text(json.dumps(phases.seconds), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
