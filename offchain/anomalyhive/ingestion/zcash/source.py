"""How zcashd and zebrad are asked: as the nodes of Bitcoin are."""

from __future__ import annotations

from anomalyhive.ingestion.bitcoin.source import Family
from anomalyhive.ingestion.zcash.assemble import assemble
from anomalyhive.ingestion.zcash.decode import decode
from anomalyhive.ingestion.zcash.schema import SCHEMAS

ZCASH_FAMILY = Family(SCHEMAS, decode, assemble)
