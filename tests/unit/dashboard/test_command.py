"""The command as its user starts it: what it says on the terminal before it serves, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import requests
from tests.unit.chain.conftest import Place

COMMAND = [sys.executable, "-c", "from anomalyhive.cli import main; main()", "dashboard", "--port", "0"]
SECRET = "s3cr3t-of-a-provider"


def test_command_for_a_hive_that_is_not_there_says_so_and_serves_all_the_same(place: Place) -> None:
    nobody = "0x" + "11" * 20
    options = ["--rpc", f"{place.chain.url}/?key={SECRET}", "--hive", nobody]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = []
            while not said or "Ctrl-C" not in said[-1]:
                said.append(process.stdout.readline())
                assert said[-1], "the command ended"
            (page,) = [line.split()[-1] for line in said if "page:" in line]
            hive = requests.get(f"http://{urlsplit(page).netloc}/v1/hive", timeout=30)
            assert hive.json()["problem"] == f"there is no Hive of this version at {nobody}, but 0 bytes of code"
        finally:
            process.terminate()
            _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert f"there is no Hive of this version at {nobody}, but 0 bytes of code; it goes on looking" in "".join(said)
    assert SECRET not in "".join(said)


@pytest.mark.parametrize("option", ["--hive", "--feed"])
def test_command_with_an_address_that_is_none_is_refused(option: str) -> None:
    addresses = {"--hive": "0x" + "11" * 20, "--feed": "0x" + "22" * 20, option: "0x" + "1" * 39}
    options = [word for pair in addresses.items() for word in pair]
    done = subprocess.run(
        [*COMMAND, "--rpc", "http://127.0.0.1:9", *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option} has '0x{'1' * 39}', which is no address" in done.stderr
