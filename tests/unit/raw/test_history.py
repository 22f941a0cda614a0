"""The row of one address from a folder of chunks: integer for integer that of a federation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anomalyhive.core.features import to_image
from anomalyhive.errors import BadInput, BadTable
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.features import FEATURES, NAMES, rows
from anomalyhive.metrics.partial import merge
from anomalyhive.raw.history import account_in
from anomalyhive.raw.joining import as_images, count_chunk, of_table

SAMPLE = Path(__file__).parents[3] / "data" / "ethereum-transactions"


def labelled(count: int) -> list[str]:
    lines = (SAMPLE / "labels.csv").read_text().split()[1:]
    return sorted(line.split(",")[0] for line in lines)[:: len(lines) // count]


def test_account_in_a_folder_has_the_row_that_a_federation_makes_of_its_chunks() -> None:
    accounts = labelled(12)
    parts = [count_chunk(chunk, accounts) for chunk in find_chunks(SAMPLE)]
    made = rows(merge(parts))
    assert len(made.addresses) >= 12
    for index, address in enumerate(made.addresses):
        account = account_in(SAMPLE, address)
        assert np.array_equal(account.statistics(), made.features[[index]])
        assert np.array_equal(account.row(NAMES[5:9]), as_images(made.features, NAMES[5:9])[[index]])
        at = {name: made.features[index, place] for place, name in enumerate(NAMES)}
        assert account.transactions == at["sent"] + at["received"] - at["to_itself"]
        assert account.token_transfers == at["token_sent"] + at["token_received"]


def test_account_in_some_blocks_of_a_folder_has_no_event_of_others() -> None:
    address = labelled(12)[3]
    whole = account_in(SAMPLE, address)
    numbers = sorted(whole.events.column("block_number").to_pylist())
    middle = numbers[len(numbers) // 2]
    assert numbers[0] < middle
    parts = [account_in(SAMPLE, address, blocks) for blocks in (range(middle), range(middle, numbers[-1] + 1))]
    assert [len(part.events) for part in parts] == [sum(n < middle for n in numbers), sum(n >= middle for n in numbers)]
    assert (parts[1].first, parts[1].stop) == (middle, numbers[-1] + 1)
    assert whole.chain_id is None


def test_account_in_blocks_that_the_folder_does_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="holds the blocks 0:15967293, and none of 15967293:15967299"):
        account_in(SAMPLE, labelled(2)[0], range(15967293, 15967299))
    with pytest.raises(BadInput, match=str(tmp_path)):
        account_in(tmp_path, labelled(2)[0])


def test_account_without_an_event_has_no_row() -> None:
    account = account_in(SAMPLE, "0x" + "00" * 19 + "77")
    assert account.transactions == account.token_transfers == 0
    with pytest.raises(BadTable, match="has no event in the blocks 0:15967293"):
        account.row(NAMES)


def test_of_table_gives_the_images_of_the_same_numbers() -> None:
    random = np.random.default_rng(5)
    numbers = random.integers(0, 1 << 40, (20, len(FEATURES)))
    plain = to_image(numbers.astype(np.float64))
    assert np.array_equal(of_table(plain, NAMES), as_images(numbers, NAMES))
    assert not np.array_equal(plain, as_images(numbers, NAMES))
