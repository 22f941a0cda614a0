"""`anomalyhive feed`: the commands of whoever makes an alert feed, asks one, appeals, votes, or watches for one."""

from __future__ import annotations

import typer

from anomalyhive.cli.feed_appeals import appeal, bonds, decide, vote
from anomalyhive.cli.feed_deploy import deploy, fund, withdraw
from anomalyhive.cli.feed_posts import claim, free_post, refresh_post, release_post, retract, settle, take_post
from anomalyhive.cli.feed_risk import alerts, risk
from anomalyhive.cli.feed_status import status

app = typer.Typer(
    help="Have addresses flagged by what a task has learned: make a feed, fund it, ask it, appeal, vote, be paid.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(deploy)
app.command()(fund)
app.command()(withdraw)
app.command()(status)
app.command()(risk)
app.command()(alerts)
app.command()(appeal)
app.command()(vote)
app.command()(decide)
app.command()(bonds)
app.command(name="take-post")(take_post)
app.command(name="release-post")(release_post)
app.command(name="refresh-post")(refresh_post)
app.command(name="free-post")(free_post)
app.command()(retract)
app.command()(settle)
app.command()(claim)
