"""`anomalyhive verify-deployment`: hold the code on a chain against what this version's sources compile to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Optional

import typer
from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.networks import name_of
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.verification import Checked, deployment_at, verify, verify_record
from anomalyhive.cli.console import complain, frame, note, out, plain
from anomalyhive.errors import BadSetting

RPC_VARIABLE = "ANOMALYHIVE_RPC_URL"


def verify_deployment(
    record: Annotated[Optional[Path], typer.Argument(help="Deployment record.")] = None,
    rpc: Annotated[str, typer.Option(envvar=RPC_VARIABLE, help="URL of the chain.")] = "",
    hive: Annotated[Optional[str], typer.Option(help="Address of a hive, where there is no record of it.")] = None,
) -> None:
    """Compare the contracts on a chain with what these sources compile to. Exits with 0 only if all of it holds."""
    if record is None and hive is None:
        raise BadSetting("nothing to verify: give a deployment record, or the address of a hive in --hive")
    if not rpc:
        raise BadSetting(f"no chain to ask: give its URL in --rpc or {RPC_VARIABLE}")
    address = None if hive is None else _address(hive)
    known = None if record is None else Deployment.read(record)
    if known is not None and address not in (None, known.hive):
        raise BadSetting(f"{record} has the hive {known.hive}, and --hive is {address}: give one of them")
    web3 = connect(rpc)
    if record is not None:
        deployment, checked = verify_record(web3, record)
    else:
        assert address is not None
        deployment = deployment_at(web3, address)
        checked = verify(web3, deployment)
    note(
        f"chain {deployment.chain_id} ({name_of(deployment.chain_id)}), "
        f"sums are {'' if deployment.verify_sums else 'not '}verified on chain"
    )
    show(checked)
    if any(one.faults for one in checked):
        raise typer.Exit(1)


def show(checked: Iterable[Checked]) -> None:
    """A line for each contract, and each fault in words."""
    table = frame(["contract", "address", "code hash (keccak-256)", "holds"], [])
    for one in checked:
        holds = plain("NO", "bold red") if one.faults else plain("yes" if one.exact else "yes, but for metadata")
        table.add_row(one.contract, one.address, one.code_hash, holds)
    out.print(table)
    for one in checked:
        for fault in one.faults:
            complain(f"{one.contract}: {fault}")


def _address(text: str) -> str:
    if not Web3.is_address(text):
        raise BadSetting(f"--hive {text!r} is no address: give 0x and 40 hexadecimal digits")
    return str(Web3.to_checksum_address(text))
