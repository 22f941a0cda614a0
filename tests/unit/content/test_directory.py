"""The directory store against the file system: damage, full disks, rights, and several writers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from anomalyhive.content import Codec, DirectoryStore, Link, cid_text, digest_of
from anomalyhive.content.codec import RAW_LIMIT, ROOT_LIMIT, encode
from anomalyhive.errors import BadInput, ContentCorrupt, ContentMissing, StoreUnusable

BLOCK = b"a block of some bytes"


def files(store: DirectoryStore) -> list[Path]:
    return sorted(path for path in store.path.rglob("*") if path.is_file())


def test_get_gives_back_what_was_put(store: DirectoryStore) -> None:
    for block in (b"", b"x", bytes(RAW_LIMIT)):
        digest = store.put_raw(block)
        assert digest == digest_of(block)
        assert store.get(digest, Codec.RAW) == block
        assert store.has(digest, Codec.RAW)


def test_codecs_are_kept_apart(store: DirectoryStore) -> None:
    root = encode({})
    digest = store.put_root(root)
    assert not store.has(digest, Codec.RAW)
    with pytest.raises(ContentMissing):
        store.get(digest, Codec.RAW)
    assert store.put_raw(root) == digest
    assert {link.codec for link in store.digests()} == set(Codec)


def test_file_is_named_by_the_cid(store: DirectoryStore) -> None:
    digest = store.put_raw(BLOCK)
    name = cid_text(Link(digest, Codec.RAW))
    assert files(store) == [store.path / name[-3:-1] / name] == [store.file_of(digest, Codec.RAW)]


def test_put_again_changes_nothing(store: DirectoryStore) -> None:
    store.put_raw(BLOCK)
    before = files(store)[0].stat()
    store.put_raw(BLOCK)
    after = files(store)[0].stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("damaged", [BLOCK[:-1], BLOCK + b"!", b"", b"A" + BLOCK[1:]])
def test_put_again_heals_what_was_damaged(store: DirectoryStore, damaged: bytes) -> None:
    digest = store.put_raw(BLOCK)
    file = files(store)[0]
    file.chmod(0o644)
    file.write_bytes(damaged)
    with pytest.raises(ContentCorrupt):
        store.get(digest, Codec.RAW)
    store.put_raw(BLOCK)
    assert store.get(digest, Codec.RAW) == BLOCK


def test_get_of_an_absent_block_names_digest_and_place(store: DirectoryStore) -> None:
    with pytest.raises(ContentMissing) as caught:
        store.get(digest_of(b"?"), Codec.RAW)
    assert caught.value.digest == digest_of(b"?")
    assert str(store.path) in str(caught.value)


def test_get_of_every_truncation_is_corrupt(store: DirectoryStore) -> None:
    digest = store.put_raw(BLOCK)
    file = files(store)[0]
    file.chmod(0o644)
    for length in range(len(BLOCK)):
        file.write_bytes(BLOCK[:length])
        with pytest.raises(ContentCorrupt, match=f"its {length} bytes have the digest"):
            store.get(digest, Codec.RAW)


def test_get_of_a_huge_file_reads_no_more_than_the_limit(store: DirectoryStore) -> None:
    digest = store.put_raw(BLOCK)
    file = files(store)[0]
    file.chmod(0o644)
    with file.open("r+b") as handle:
        handle.truncate(1 << 40)  # sparse: a terabyte that takes no room
    with pytest.raises(ContentCorrupt, match=f"exceed the {RAW_LIMIT}"):
        store.get(digest, Codec.RAW)


def test_get_where_a_directory_stands_is_corrupt(store: DirectoryStore) -> None:
    store.file_of(digest_of(b"?"), Codec.RAW).mkdir(parents=True)
    with pytest.raises(ContentCorrupt, match="is a directory"):
        store.get(digest_of(b"?"), Codec.RAW)


@pytest.mark.parametrize(("codec", "limit"), [(Codec.RAW, RAW_LIMIT), (Codec.DAG_CBOR, ROOT_LIMIT)])
def test_put_over_the_limit_is_refused(store: DirectoryStore, codec: Codec, limit: int) -> None:
    put = store.put_raw if codec is Codec.RAW else store.put_root
    assert store.has(put(bytes(limit)), codec)
    with pytest.raises(BadInput, match=f"{limit + 1} bytes exceeds {limit}"):
        put(bytes(limit + 1))
    assert len(files(store)) == 1


@pytest.mark.parametrize("digest", [b"", bytes(31), "ab"])
def test_get_of_no_digest_is_refused(store: DirectoryStore, digest: bytes) -> None:
    with pytest.raises(BadInput, match="32 bytes"):
        store.get(digest, Codec.RAW)


def test_digests_lists_blocks_in_order_and_nothing_else(store: DirectoryStore) -> None:
    links = [Link(store.put_raw(bytes([n])), Codec.RAW) for n in range(40)]
    links += [Link(store.put_root(encode(n)), Codec.DAG_CBOR) for n in range(5)]
    (store.path / "ab").mkdir(exist_ok=True)
    (store.path / "ab" / "README").write_text("no block")
    (store.path / "ab" / cid_text(links[0])).write_text("a block in the wrong place")
    (store.path / "ab" / ".x.part").write_text("half a block")
    assert list(store.digests()) == sorted(links, key=cid_text)


def test_read_only_store_is_never_changed(store: DirectoryStore) -> None:
    digest = store.put_raw(BLOCK)
    view = DirectoryStore(store.path, read_only=True)
    assert view.get(digest, Codec.RAW) == BLOCK
    with pytest.raises(StoreUnusable, match="read only"):
        view.put_raw(b"new")
    assert len(files(store)) == 1


def test_read_only_store_that_is_absent_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no store"):
        DirectoryStore(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


def test_store_where_a_file_stands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match=str(tmp_path / "file")):
        DirectoryStore(tmp_path / "file")


def test_parts_of_killed_writers_are_removed_when_they_are_old(store: DirectoryStore) -> None:
    store.put_raw(BLOCK)
    old, young = files(store)[0].parent / ".a.part", files(store)[0].parent / ".b.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    DirectoryStore(store.path)
    assert not old.exists()
    assert young.exists()


LIMITED = """
import resource, signal, sys, pathlib
from anomalyhive.content import DirectoryStore
from anomalyhive.errors import StoreUnusable
store = DirectoryStore(pathlib.Path(sys.argv[1]))
store.put_raw(b"fits")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    store.put_raw(bytes(5000))
except StoreUnusable as error:
    print(error)
"""


def test_put_beyond_a_limit_of_the_process_leaves_nothing_half_written(tmp_path: Path) -> None:
    """RLIMIT_FSIZE makes the kernel refuse the write in its middle, after 1000 bytes are there."""
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert f"no room to write a block of 5000 bytes in {tmp_path}: free space" in ran.stdout
    assert [link.digest for link in DirectoryStore(tmp_path).digests()] == [digest_of(b"fits")]
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".part")] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount: a really full disk was not tested")
def test_put_on_a_full_disk_leaves_nothing_half_written_and_works_again(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here, so a really full disk was not tested: {mounted.stderr.strip()}")
    try:
        store = DirectoryStore(tmp_path / "store")
        kept = store.put_raw(bytes(1000))
        (tmp_path / "ballast").write_bytes(bytes(200_000))
        with pytest.raises(StoreUnusable, match=r"no room to write a block of 100000 bytes in .*: free space"):
            store.put_raw(bytes(100_000))
        assert [link.digest for link in store.digests()] == [kept]
        assert not list(store.path.rglob("*.part"))
        (tmp_path / "ballast").unlink()
        assert store.get(store.put_raw(bytes(100_000)), Codec.RAW) == bytes(100_000)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


WRITER = """
import sys, pathlib
from anomalyhive.content import DirectoryStore
store = DirectoryStore(pathlib.Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    store.put_raw(number.to_bytes(4, "big") * 50_000)
    number += 1
"""


def test_a_writer_that_is_killed_leaves_only_whole_blocks(tmp_path: Path) -> None:
    for attempt in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.05 + 0.03 * attempt)
            writer.send_signal(signal.SIGKILL)
    store = DirectoryStore(tmp_path)
    links = list(store.digests())
    assert links
    assert all(len(store.get(*link)) == 200_000 for link in links)


def test_several_threads_may_put_the_same_and_other_blocks(store: DirectoryStore) -> None:
    def work() -> None:
        for number in range(30):
            store.put_raw(bytes([number]) * 100)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(store.digests())) == len(files(store)) == 30
