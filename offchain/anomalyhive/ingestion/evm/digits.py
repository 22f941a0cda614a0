"""Hexadecimal digits into bytes, in machine code that looks at many digits together.

All is written so that the compiler finds no width but that of the digits: with one number of 64 bits in a loop it would
take eight digits where it could take sixty-four. That makes long values, such as a receipt's bloom filter, many times
as fast as a table of digits.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

NO_DIGIT = 0xF0
"""Stands for a character that is no hexadecimal digit: it has bits above a digit's."""

MARKS = np.uint64(NO_DIGIT * 0x0101010101010101)
"""Those bits, in each byte of a word."""

Room = tuple[Bytes, Any, Any]
"""Digits by bytes, and the same memory by pairs and by words of 8."""


@numba.njit(cache=True, nogil=True)
def room_for(digits: int) -> Any:
    """Room for so many digits; what is in it is none that is wrong."""
    room = np.zeros((digits + 7) // 8 * 8, np.uint8)
    return room, room.view(np.uint16), room.view(np.uint64)


@numba.njit(cache=True, nogil=True)
def bytes_of(data: Bytes, first: int, size: int, out: Bytes, at: int, digits: Bytes, pairs: Any, words: Any) -> bool:
    """Write the ``size`` bytes of the digits from data[first] on to out[at:]; whether all are digits.

    The room must not be used again where one is not.
    """
    given = data[first : first + 2 * size]
    for place in range(2 * size):
        character = given[place]
        number = np.uint8(character - np.uint8(48))
        letter = np.uint8(np.uint8(character | np.uint8(32)) - np.uint8(97))
        digits[place] = (
            number
            if number <= np.uint8(9)
            else (np.uint8(letter + np.uint8(10)) if letter <= np.uint8(5) else np.uint8(NO_DIGIT))
        )
    taken = out[at : at + size]
    for byte in range(size):
        pair = pairs[byte]  # of a machine that has the lowest byte first, as all have that Numba compiles for
        taken[byte] = np.uint8(np.uint16(pair << np.uint16(4)) | np.uint16(pair >> np.uint16(8)))
    seen = np.uint64(0)
    for word in range((2 * size + 7) // 8):
        seen |= words[word]
    return bool(seen & MARKS == 0)
