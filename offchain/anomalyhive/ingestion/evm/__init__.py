"""Ethereum and chains like it: blocks, transactions, receipts, logs and token transfers over JSON-RPC."""
