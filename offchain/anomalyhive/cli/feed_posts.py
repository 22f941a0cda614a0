"""`anomalyhive feed take-post` and the like: what the owner of a monitor does with a feed."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.folding import seats_of
from anomalyhive.cli.console import note
from anomalyhive.cli.feed_parts import Feed, subject_of
from anomalyhive.cli.node_parts import HOME, Home, anyone_of, operator_of
from anomalyhive.errors import Failure
from anomalyhive.node.amounts import tokens
from anomalyhive.node.feeds import paying
from anomalyhive.node.feeds.choosing import chosen_feed
from anomalyhive.node.place import Place

Post = Annotated[int, typer.Argument(min=0, help="Number of the post; the first is 0.")]


def take_post(
    post: Annotated[Optional[int], typer.Argument(min=0, help="Number of the post; a free one by default.")] = None,
    home: Home = HOME,
    feed: Feed = None,
) -> None:
    """Take a post for the node, which must monitor and have the stake."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    node = place.require_number()
    held = found.post_of(node)
    if held is not None:
        note(f"node {node} is at post {held} already")
        return
    wanted = _free(found) if post is None else post
    with operator_of(place) as hand:
        hand.do(found.call("takePost", wanted), f"take post {wanted}")


def release_post(home: Home = HOME, feed: Feed = None) -> None:
    """Give the node's post up; its alerts are not live any more."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    post = _held(found, place.require_number())
    with anyone_of(place) as hand:
        hand.do(found.call("releasePost", post), f"give up post {post}")


def refresh_post(home: Home = HOME, feed: Feed = None) -> None:
    """Let the node's post know its present operator, after a rotation."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    post = _held(found, place.require_number())
    with anyone_of(place) as hand:
        hand.do(found.call("refreshPost", post), f"tell post {post} of the operator")


def free_post(post: Post, home: Home = HOME, feed: Feed = None) -> None:
    """Take a post from a holder who is exiting, is no monitor any more or has too little stake; anyone may."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    with anyone_of(place) as hand:
        hand.do(found.call("freePost", post), f"free post {post}")


def retract(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="The addresses.")],
    home: Home = HOME,
    feed: Feed = None,
) -> None:
    """Take the node's alerts about addresses back; nothing more is paid for them."""
    subjects = [subject_of(one) for one in addresses]
    place = Place.of(home)
    found = chosen_feed(place, feed)
    node = place.require_number()
    by_post: dict[int, list[str]] = {}
    for subject in dict.fromkeys(subjects):
        for post in _posts_about(found, node, subject):
            by_post.setdefault(post, []).append(subject)
    with anyone_of(place) as hand:
        for post, several in by_post.items():
            words = f"take back what post {post} said of {', '.join(several)}"
            hand.do(found.call("retract", node, post, several), words)


def settle(home: Home = HOME, feed: Feed = None) -> None:
    """Settle the node's alerts that stood, or cannot stand any more."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    node = place.require_number()
    with anyone_of(place) as hand:
        settled = paying.settle(hand, found, node)
    if settled is not None:
        note(f"alerts that stood: {settled.stood}, that did not: {settled.fell}")
        note(f"to be claimed: {tokens(found.owed(node))}")


def claim(home: Home = HOME, feed: Feed = None) -> None:
    """Claim what the node's alerts and votes have earned, to its owner."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    node = place.require_number()
    with anyone_of(place) as hand:
        paid = paying.claim(hand, found, node)
    owner = place.contracts.registry.node(node).owner
    note(f"{tokens(paid)} to {owner}" if paid else "there is nothing to claim: see whether `settle` comes first")


def _free(feed: FeedClient) -> int:
    posts = feed.rules().posts
    for post in range(posts):
        if not feed.post(post).node:
            return post
    raise Failure(f"all {posts} posts are held: `anomalyhive feed free-post` takes one from a holder who has left")


def _held(feed: FeedClient, node: int) -> int:
    post = feed.post_of(node)
    if post is None:
        raise Failure(f"node {node} holds no post of {feed.address}: `anomalyhive feed take-post` takes one")
    return post


def _posts_about(feed: FeedClient, node: int, subject: str) -> list[int]:
    """The posts from which a node said something of an address, whether or not it still holds them."""
    posts = seats_of(feed.posts_on(subject))
    found = [post for post in sorted(posts) if feed.alert_of(subject, post).node == node]
    if not found:
        raise Failure(f"node {node} has no alert about {subject} to take back")
    return found
