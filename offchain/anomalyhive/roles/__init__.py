"""What a node does in each phase of a round: train, judge, tally, attest, claim."""
