"""The bits of every learner, pinned: a change on any platform or library version shows here."""

import json

from core.golden import PATH, golden


def test_golden_file_equals_what_is_computed_now():
    pinned = json.loads(PATH.read_text())
    found = json.loads(json.dumps(golden()))
    assert found.keys() == pinned.keys()
    for part, value in pinned.items():
        assert found[part] == value, part
