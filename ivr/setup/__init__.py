"""Setting up and supervising one installation: what ``make up`` does."""
