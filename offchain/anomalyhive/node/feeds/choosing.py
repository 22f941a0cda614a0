"""Which feed is meant."""

from __future__ import annotations

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import feed_at
from anomalyhive.chain.feed_record import known_feeds, place_of
from anomalyhive.errors import BadSetting
from anomalyhive.node.home import checked_address
from anomalyhive.node.place import Place


def chosen_feed(place: Place, address: str | None) -> FeedClient:
    """The feed at an address, or the only one that is written down beside the deployment record.

    Raises BadSetting where it is not clear which, ChainFailure for what is no feed of the hive.
    """
    known = known_feeds(place.config.deployment, place.deployment)
    if address is None:
        if len(known) != 1:
            which = "; ".join(f"{one.address} of task {one.task}" for one in known)
            raise BadSetting(
                f"which feed: {place_of(place.config.deployment)} has {which or 'none'}: give its address in --feed"
            )
        wanted = known[0].address
    else:
        wanted = checked_address(address, "--feed")
    block = next((one.block for one in known if one.address == wanted), None)
    return feed_at(place.web3, wanted, place.deployment, block)
