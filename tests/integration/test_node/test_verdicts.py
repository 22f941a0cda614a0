"""A validator that judged a round more than once, before and after a kill or a reorganisation."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from anomalyhive.chain.views import Phase, Role
from anomalyhive.node.loop import Loop
from anomalyhive.node.post import Post
from anomalyhive.roles.validator import Validator

from .conftest import ROUNDS
from .inside import at_once, duties, equipped
from .settling import ROLES, opened


def test_reveal_shows_the_draft_that_was_committed_whichever_were_made_before_and_after(
    ground: Path, tmp_path: Path
) -> None:
    with opened(ground, tmp_path, ROUNDS) as hive:
        at_once(hive)
        loops = {one.name: Loop(equipped(hive, one), duties(hive, one)) for one in hive.nodes}
        stop = Event()

        def judging() -> bool:
            state = hive.contracts.hive.task(hive.task)
            if state.latest_round and hive.contracts.hive.phase(hive.task, 1)[0] is Phase.JUDGE:
                return True
            # The validator holds its seat, and judges later.
            for name, loop in loops.items():
                if name != "validator" or not state.latest_round:
                    loop.turn(stop)
            return False

        hive.wait(judging)
        for name in ("trainer-0", "trainer-1"):
            loops[name].turn(stop)
        node = next(one for one in hive.nodes if ROLES[one.name] is Role.VALIDATE)
        post = Post(equipped(hive, node), duties(hive, node), hive.task)
        view = hive.contracts.hive.round(hive.task, 1)
        validator = held(post, view.phase)
        first, second = (view.submissions[shard].digest for shard in (0, 1))
        validator.draft(view, {first: first})
        committed = validator.draft(view)[1]
        assert validator.judge(view)
        validator.draft(view, {second: second})
        view = hive.contracts.hive.round(hive.task, 1)
        assert view.phase is Phase.REVEAL
        # A new process, which has nothing but the files.
        assert held(Post(equipped(hive, node), duties(hive, node), hive.task), view.phase).reveal(view)
        revealed = hive.contracts.hive.round(hive.task, 1).reveals[0]
        assert revealed.digest == committed
        assert min(revealed.scores) > 0


def held(post: Post, phase: Phase) -> Validator:
    """The validator of a post, which has its seat already."""
    assert phase in (Phase.JUDGE, Phase.REVEAL)
    post.visit(lambda: True)
    assert post._validator is not None
    return post._validator
