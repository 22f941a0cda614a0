"""What somebody may do to an export: each takes it and a source of chance, and gives another file or other parts."""

from __future__ import annotations

from collections.abc import Mapping

from test_tampering.content_mutations import (
    add_a_stranger,
    append_garbage,
    change_a_field,
    change_a_field_of_the_root,
    change_a_raw_block,
    change_the_code,
    change_the_roots,
    cut_off,
    exchange_an_update,
    exchange_an_update_and_its_event,
    exchange_blocks,
    flip_a_byte,
    leave_out_a_block,
    repeat_a_block,
)
from test_tampering.log_mutations import (
    add_a_field_to_a_receipt,
    change_a_hash,
    change_a_header,
    change_a_salt,
    change_events,
    change_events_and_seal,
    exchange_transactions,
    fork,
    move_blocks,
    tell_instead_of_sealing,
)
from test_tampering.original import Mutation

MUTATIONS: Mapping[str, tuple[Mutation, int]] = {
    one.__name__: (one, times)
    for one, times in (
        (flip_a_byte, 60),
        (cut_off, 25),
        (append_garbage, 6),
        (exchange_blocks, 20),
        (leave_out_a_block, 20),
        (repeat_a_block, 10),
        (add_a_stranger, 6),
        (change_the_roots, 10),
        (change_a_field, 70),
        (change_a_field_of_the_root, 25),
        (change_a_raw_block, 20),
        (change_the_code, 10),
        (exchange_an_update, 8),
        (exchange_an_update_and_its_event, 8),
        (change_events, 40),
        (change_events_and_seal, 40),
        (exchange_transactions, 12),
        (move_blocks, 30),
        (change_a_header, 30),
        (change_a_hash, 6),
        (change_a_salt, 8),
        (tell_instead_of_sealing, 10),
        (add_a_field_to_a_receipt, 4),
        (fork, 15),
    )
}
"""Name -> what is done, and how often."""
