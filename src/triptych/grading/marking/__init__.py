"""Marking: whatever a submission holds is read, parsed, checked and shown in bounded processes apart.

    grader --requests--> marking process     what to do, and where the bytes are
           <--answers--- marking process     small plain data; results one by one
    marking process --calls--> learner's process (see ``sandbox``)

A *marking process* is a small Python, one for each notebook that is marked at a time. It runs no
code of a submission, but all the work that a submission can make long or large is done there: the
notebook's JSON and syntax trees, an archive's table and its members, the names of files, the
hidden checks on the answers, and the text of the values that a report shows. Its memory and the
seconds of its processor are bounded by the kernel for each request; beyond them, and when it fails,
that submission has a reason, the process has a successor, and nobody else notices. The grader's own
process never holds a notebook: what comes back is a digest, or the results of checks, bounded.

``Markers`` are the grader's side; ``worker`` is what runs in the process.
"""

from triptych.grading.marking.markers import Markers
from triptych.grading.marking.process import Beyond, Lost
from triptych.grading.marking.requests import Job, Setting
from triptych.grading.marking.sandboxes import Sandboxes
from triptych.grading.marking.threads import each

__all__ = ["Beyond", "Job", "Lost", "Markers", "Sandboxes", "Setting", "each"]
