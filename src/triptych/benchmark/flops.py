"""How much work a measured step is, counted from its shapes."""

from __future__ import annotations


def training_flop(side: int) -> int:
    """Floating-point operations for one image in a training step of ResNet-50 v1.5, from its shapes.

    Convolutions and the head only, a multiplication and an addition as two: the forward pass,
    the gradient of the weights, and that of the inputs (not of the image). At 224 pixels 24.3e9,
    about three times the forward pass's 8.2e9, which are 4.1e9 multiply-adds (He et al. 2015, table 1,
    has 3.8e9 for v1, which strides earlier).
    """
    at = -(-side // 2)
    stem = 7 * 7 * 3 * 64 * at * at
    at, width, rest = -(-at // 2), 64, 0
    for stage, blocks in enumerate((3, 4, 6, 3)):
        inner = 64 * 2**stage
        for block in range(blocks):
            before = at
            if stage and not block:
                at = -(-at // 2)
            rest += width * inner * before**2 + 9 * inner**2 * at**2 + 4 * inner**2 * at**2
            if not block:
                rest += 4 * inner * width * at**2
            width = 4 * inner
    rest += width * 1000
    return 2 * (2 * stem + 3 * rest)
