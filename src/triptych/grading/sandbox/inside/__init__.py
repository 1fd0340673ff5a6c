"""What runs inside the sandbox; it imports nothing from outside this folder but installed packages.

    grader --calls--> learner's process       cells, calls, values
    grader --life---> supervisor              closing it ends the submission
           <--life--- supervisor              how it ended, and what it used

``python -m inside warm FD USERS FRAMEWORK...`` is the *warm process*: it imports the
frameworks once, then forks a *supervisor* for each submission, which makes the
submission's namespaces and forks the *learner's process* into them. Only that
last one runs code of the submission; it may do what it likes to its own memory,
these modules included. ``python -m inside contained`` serves one submission on its
standard streams, in a container, which confines it already; ``python -m inside
single`` the same, unconfined, for one's own notebook.

No expected value, hidden check or mark is ever in any of these processes. The
folder is mounted whole, so whatever is put here can be read by a submission.
The grader's side uses ``values``, ``messages`` and the constants below.
"""

#: Processes that a submission may have at a time.
PROCESSES = 32

#: Exit status of a learner's process that cannot answer, as the submission broke what it needs.
BROKEN = 70

#: Where a submission may write, and the bytes that it may leave there.
WRITABLE = {"/tmp": 256 << 20, "/home/learner": 64 << 20, "/dev/shm": 256 << 20}
