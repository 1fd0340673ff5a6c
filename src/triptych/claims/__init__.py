"""The ledger: what the articles claim, the verdicts, and the stored values that decide them."""
