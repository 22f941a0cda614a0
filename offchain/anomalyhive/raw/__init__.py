"""From chunks of a chain and a list of labels to the rows of shards: a pure function of both, for everybody the same.

Each chunk gives partial statistics, bucket by bucket of addresses; bucket j of all of them, merged and joined with the
labels, is shard j. However the same blocks are cut into chunks, the shards are the same, bit for bit.
"""
