"""URLs as they are shown: nothing that may be a password or a key."""

from __future__ import annotations

import pytest

from anomalyhive.urls import mistaken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user:s3cret@node.example:8545/k3y", "…@node.example:8545"),
        ("user:s3@cret@node.example?key=k3y", "…@node.example"),
        ("https:/user:s3cret@node.example#k3y", "…@node.example"),
        ("https:node.example/k3y", "https:node.example…"),
        ("HTTP:/node.example/k3y", "HTTP:/node.example…"),
        ("@", "…@"),
        ("chunks/of a chain", "chunks/of a chain"),
        ("", ""),
    ],
)
def test_mistaken_shows_a_folder_whole_and_of_a_url_the_host_alone(text: str, shown: str) -> None:
    assert mistaken(text) == shown
