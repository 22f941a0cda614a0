"""The protocol in plain Python, part by part as in `contracts/hive`: no chain, no encoding, no storage, no gas."""
