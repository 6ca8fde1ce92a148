"""Teaches Whisper base what callers say on a telephone (docs/hearing.md)."""
