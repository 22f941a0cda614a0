"""CIDs against known ones, against the multiformats package, and against everything that is none."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiformats import CID

from anomalyhive.content.cid import Codec, Link, cid_bytes, cid_text, digest_of, parse_cid, parse_cid_bytes
from anomalyhive.errors import BadInput

DIGESTS = st.binary(min_size=32, max_size=32)
LINKS = st.builds(Link, DIGESTS, st.sampled_from(list(Codec)))

KNOWN = {
    # As `ipfs block put --cid-codec=raw|dag-cbor` names them; the empty ones stand in many documents of IPLD.
    ("raw", b""): "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    ("raw", b"hello"): "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq",
    ("dag-cbor", b"\xa0"): "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
}


@pytest.mark.parametrize(("codec", "block"), KNOWN)
def test_cid_text_of_known_blocks(codec: str, block: bytes) -> None:
    link = Link(digest_of(block), Codec.RAW if codec == "raw" else Codec.DAG_CBOR)
    assert cid_text(link) == KNOWN[codec, block]
    assert parse_cid(KNOWN[codec, block]) == link


@settings(deadline=None, derandomize=True)
@given(LINKS)
def test_cid_is_that_of_multiformats(link: Link) -> None:
    theirs = CID("base32", 1, "raw" if link.codec is Codec.RAW else "dag-cbor", ("sha2-256", link.digest))
    assert cid_text(link) == str(theirs)
    assert cid_bytes(link) == bytes(theirs)
    assert parse_cid(str(theirs)) == parse_cid_bytes(bytes(theirs)) == link


@settings(deadline=None, derandomize=True, max_examples=300)
@given(LINKS, st.integers(0, 58), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567AZ018=é \n"))
def test_parse_cid_with_one_character_changed_is_another_or_refused(link: Link, at: int, letter: str) -> None:
    text = cid_text(link)
    changed = text[:at] + letter + text[at + 1 :]
    try:
        parsed = parse_cid(changed)
    except BadInput:
        return
    assert cid_text(parsed) == changed
    assert (parsed == link) == (changed == text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "QmTkzDwWqPbnAh5YiV5VwcTLnGdwSNsNTn2aDxdXBFca7D",
        "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA",
        "BAFKREIHDWDCEFGH4DQKJV67UZCMW7OJEE6XEDZDETOJUZJEVTENXQUVYKU",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvykv",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvykua",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
    ],
)
def test_parse_cid_of_other_forms_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="CIDv1"):
        parse_cid(text)


@pytest.mark.parametrize("length", [0, 4, 35, 37])
def test_parse_cid_bytes_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadInput, match="CIDv1"):
        parse_cid_bytes((b"\x01\x55\x12\x20" + bytes(40))[:length])


def test_digest_of_is_sha256() -> None:
    assert digest_of(b"abc") == hashlib.sha256(b"abc").digest()


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_cid_of_no_digest_is_refused(digest: bytes) -> None:
    with pytest.raises(BadInput, match="32 bytes"):
        cid_text(Link(digest, Codec.RAW))
