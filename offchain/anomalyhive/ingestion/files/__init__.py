"""Blocks from a folder of tables that were exported before: CSV, CSV.gz or Parquet."""
