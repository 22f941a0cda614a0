"""What is in `deploy/`: it names what there is, and the tools that read it accept it, where this machine has them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from prometheus_client import CollectorRegistry

from anomalyhive.cli import app
from anomalyhive.node.observing.metrics import Metrics
from anomalyhive.node.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "anomalyhive-node.service").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "anomalyhive.json").read_text())
QUERIES = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
NODES = [name for name, one in COMPOSE["services"].items() if one.get("image") == "anomalyhive"]


def needed(program: str) -> str:
    """The path of a program; without it the test is left out, and says so."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"there is no {program} on PATH: what it would check was not checked")
    return path


def labels_of(registry: CollectorRegistry) -> dict[str, set[str]]:
    """Name of every series that is exposed -> its labels."""
    found: dict[str, set[str]] = {"up": set()}
    for collector in list(registry._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for family in collector.describe() if hasattr(collector, "describe") else collector.collect():
            ending = {"counter": "_total", "info": "_info"}.get(family.type, "")
            found[family.name + ending] = labels | ({"version", "python"} if family.type == "info" else set())
    return found


EXPOSED = labels_of(Metrics().registry)


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_query_of_the_dashboard_names_metrics_and_labels_that_a_node_exposes(title: str, query: str) -> None:
    names = re.findall(r"\b([a-z_]+)\{", query)
    assert names, title
    assert set(names) <= EXPOSED.keys()
    # Prometheus adds these two to whatever it collects.
    known = {"instance", "job"} | {label for name in names for label in EXPOSED[name]}
    used = {label.strip() for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(",")}
    used |= {label for inside in re.findall(r"\{([^}]*)\}", query) for label in re.findall(r"(\w+)\s*[=!]", inside)}
    assert used <= known


def test_dashboard_shows_every_metric_of_a_node() -> None:
    shown = {name for _, query in QUERIES for name in re.findall(r"\b([a-z_]+)\{", query)}
    assert shown == EXPOSED.keys()


def test_dashboard_has_panels_that_do_not_overlap() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


def test_queries_are_ones_that_prometheus_parses(tmp_path: Path) -> None:
    rules = [{"record": f"query:{n}", "expr": query.replace("$node", ".*")} for n, (_, query) in enumerate(QUERIES)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run([needed("promtool"), "check", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_asks_every_node_of_the_compose_file_where_it_listens() -> None:
    settings = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    (targets,) = [one["targets"] for job in settings["scrape_configs"] for one in job["static_configs"]]
    ports = {name: COMPOSE["services"][name]["environment"]["ANOMALYHIVE_LISTEN"].split(":")[1] for name in NODES}
    assert sorted(targets) == sorted(f"{name}:{port}" for name, port in ports.items())


def test_prometheus_accepts_its_settings() -> None:
    done = subprocess.run(
        [needed("promtool"), "check", "config", str(DEPLOY / "prometheus.yml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NODES)
def test_node_of_the_compose_file_is_told_what_a_node_knows(name: str) -> None:
    given = COMPOSE["services"][name]["environment"]
    settings = {one.variable: one for one in SETTINGS}
    for variable, value in given.items():
        if variable != "ANOMALYHIVE_PASSWORD_FILE":
            settings[variable].reading.of_value(settings[variable].reading.of_text(value))
    assert given["ANOMALYHIVE_PASSWORD_FILE"] in {f"/run/secrets/{one}" for one in COMPOSE["secrets"]}


def test_compose_file_publishes_ports_for_this_machine_alone_and_names_its_volumes_and_versions() -> None:
    used = set()
    for name, one in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))
        used |= {volume.split(":")[0] for volume in one.get("volumes", ()) if not volume.startswith(".")}
        assert name in NODES or re.search(r":v?\d+\.\d+\.\d+$", one["image"])
    assert used == COMPOSE["volumes"].keys()


def test_compose_file_uses_the_kubo_that_the_project_builds_and_the_anvil_that_it_tests_with() -> None:
    kubo = re.search(r"github.com/ipfs/kubo (v[\d.]+)", (ROOT / "scripts" / "kubo" / "go.mod").read_text())
    assert kubo is not None
    assert COMPOSE["services"]["kubo"]["image"].endswith(f":{kubo[1]}")
    anvil = json.loads((ROOT / "package.json").read_text())
    versions = {**anvil.get("dependencies", {}), **anvil.get("devDependencies", {})}
    assert COMPOSE["services"]["anvil"]["image"].endswith(f":v{versions['@foundry-rs/anvil'].lstrip('^~')}")


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    # Its secret is a file that is not in the repository.
    copy = shutil.copytree(DEPLOY, tmp_path / "deploy")
    (copy / "node_password").write_text("of the tests")
    command = [needed("docker-compose"), "-f", str(copy / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_unit_starts_a_command_that_there_is() -> None:
    line = re.search(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    assert line is not None
    program, group, command, option, _ = line[1].split()
    assert program.endswith("/anomalyhive")
    run = typer.main.get_command(app).commands[group].commands[command]  # type: ignore[attr-defined]  # a group
    assert option in {name for parameter in run.params for name in parameter.opts}


def with_this_program(folder: Path) -> Path:
    """The unit with a program that is on this machine."""
    unit = folder / "anomalyhive-node.service"
    unit.write_text(UNIT.replace("/usr/local/bin/anomalyhive", str(Path(sys.executable).with_name("anomalyhive"))))
    return unit


def test_unit_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    done = subprocess.run(
        [needed("systemd-analyze"), "verify", str(with_this_program(tmp_path))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_unit_exposes_little(tmp_path: Path) -> None:
    command = [needed("systemd-analyze"), "security", "--offline=true", "--threshold=20"]
    done = subprocess.run([*command, str(with_this_program(tmp_path))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_image_is_built_with_the_versions_of_the_lock_file() -> None:
    script = re.search(r"^RUN sed -nE '([^']*)'", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert script is not None
    lock = ROOT / "requirements.lock"
    done = subprocess.run(["sed", "-nE", script[1], str(lock)], capture_output=True, text=True, check=True)
    pins = done.stdout.splitlines()
    assert len(pins) == len(re.findall(r"^[A-Za-z0-9._-]+==", lock.read_text(), re.MULTILINE)) > 100
    assert not [line for line in pins if "--hash" in line or line.endswith("\\")]
    assert any(line.startswith("prometheus-client==") for line in pins)
