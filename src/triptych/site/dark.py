"""A figure that was drawn for a light ground, in the colours of a dark one."""

from __future__ import annotations

import colorsys
import re

from triptych.frameworks import PANELS

#: The lightness of what is black on a light ground, and of what is white: the pages' own dark ground.
TEXT, GROUND = 0.92, 0.07

_COLOUR = re.compile(rb"#[0-9a-f]{6}\b")


def _mirrored(colour: str) -> str:
    """The same hue, as far from the dark ground as ``colour`` (``#rrggbb``) is from the light one."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    # What is pale on white would hardly be seen on black as far from it: hence the exponent.
    parts = colorsys.hls_to_rgb(hue, TEXT - (TEXT - GROUND) * lightness**1.5, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def dark(svg: bytes) -> bytes:
    """Matplotlib's SVG for a dark ground: a framework has its own dark colour, all else is mirrored.

    What names no colour is black, as SVG has it: text, whose colour is set for the whole.
    """
    known = {panel.colour: panel.dark for panel in PANELS.values()}

    def turned(match: re.Match[bytes]) -> bytes:
        colour = match[0].decode()
        return known.get(colour, _mirrored(colour)).encode()

    return _COLOUR.sub(turned, svg).replace(
        b'<style type="text/css">', f'<style type="text/css">text{{fill: {_mirrored("#000000")}}}'.encode(), 1
    )
