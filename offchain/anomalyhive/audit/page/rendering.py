"""From the document of an audit to the page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anomalyhive.audit.canonical import canonical
from anomalyhive.audit.page.drawing import bar, link, participation, quality
from anomalyhive.audit.page.shaping import MOST_FAILURES, tasks_of, verdict_of
from anomalyhive.audit.signing import SIGNATURE
from anomalyhive.texts import printable

PACKAGE = "anomalyhive.audit.page"
TOKEN = 10**18


def render(report: Mapping[str, Any]) -> str:
    """The page of a report, signed or not: a complete HTML document."""
    content = {name: value for name, value in report.items() if name != SIGNATURE}
    style, script = ((files(PACKAGE) / "templates" / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            signature=report.get(SIGNATURE),
            sha256=hashlib.sha256(canonical(content)).hexdigest(),
            verdict=verdict_of(report),
            most_failures=MOST_FAILURES,
            tasks=tasks_of(report),
            gas=_gas(report["gas"]),
            # The project's own files, not a stranger's text.
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            policy=policy(style, script),
        )
    )


def policy(style: str, script: str) -> str:
    """The content security policy under which the page's own style and script work, and nothing else (CSP level 3)."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script))
    style_hash, script_hash = (f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "tokens": tokens, "shown": shown, "short": short}
    environment.globals |= {"link": link, "quality": quality, "participation": participation, "bar": bar}
    return environment


def shown(text: object) -> str:
    """A text of a stranger, with codes for what nobody would see."""
    return printable(str(text))


def short(text: object) -> str:
    """Digits of a measure that a person compares: four decimals of six."""
    return "–" if text is None else f"{float(str(text)):.4f}"


def number(value: object) -> str:
    """A whole number in groups of three digits, also one that is written as a text; a dash for none."""
    return "–" if value is None else f"{int(str(value)):,}"


def tokens(amount: str) -> str:
    """1e-18 tokens as tokens with two decimals, cut and not rounded."""
    whole = int(amount)
    return f"{whole // TOKEN:,}.{whole * 100 // TOKEN % 100:02d}"


def _gas(functions: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """A line for each function, the costliest to call first, with its share of the greatest for a bar."""
    most = max((one["median"] for one in functions.values()), default=0)
    lines = [{"function": name, **one, "share": one["median"] / most} for name, one in functions.items()]
    return sorted(lines, key=lambda line: -line["median"])
