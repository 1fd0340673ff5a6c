"""Changes of the reference answers on distributed training that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

EQUIVALENT = (
    same(
        "launch",
        "An empty list is refused either way: there is no host to name, and the text is free.",
        ('raise ValueError("no hosts")', 'raise ValueError("XXno hostsXX")'),
    ),
    same(
        "holds",
        "There is no stage after 3: what is asked of `held` with 4 is cut as with 3, and fits no better.",
        ("for stage in range(4):", "for stage in range(5):"),
    ),
    same(
        "holds",
        "Where no stage fits, a function that ends without `return` gives None, too.",
        ("return None", "pass"),
    ),
    same(
        "missing",
        "At norm == ceiling the factor is exactly 1, as it is below.",
        (
            "scale = ceiling / norm if norm > ceiling else 1.0",
            "scale = ceiling / norm if norm >= ceiling else 1.0",
        ),
    ),
    same(
        "bubble",
        "The text has to hold the word deadlock; what stands around it is free.",
        (
            'raise ValueError("deadlock: every stage waits for another")',
            'raise ValueError("XXdeadlock: every stage waits for anotherXX")',
        ),
    ),
)
