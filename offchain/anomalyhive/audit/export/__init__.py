"""A lineage as one file: written from a chain and a store, and audited with neither."""
