"""Numbers of BLS12-381 (draft-irtf-cfrg-pairing-friendly-curves, 4.2.1): G1 is y^2 = x^3 + 4 modulo p."""

from __future__ import annotations

MODULUS = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
"""p, the prime of the coordinates, 381 bits."""

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""r, the prime order of G1 and of its scalars, 255 bits."""

COORDINATE_BYTES = 48
"""Length of x or y, big-endian."""

INFINITY_XY = bytes(2 * COORDINATE_BYTES)
"""The neutral element, which has no coordinates, as the precompiles of EIP-2537 write it."""
