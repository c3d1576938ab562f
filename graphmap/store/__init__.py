"""Where state lives: the lake for bulk, the ledger for what is small and transactional."""
