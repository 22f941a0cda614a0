"""What an ingestion writes: tables in Parquet, a manifest, what was quarantined; and the parts on the way there."""
