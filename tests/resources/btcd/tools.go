//go:build tools

// Package tools does nothing but pin the btcd that tests/unit/ingestion/bitcoin/btcd.py builds and runs (btcsuite/btcd, ISC licence).
package tools

import _ "github.com/btcsuite/btcd"
