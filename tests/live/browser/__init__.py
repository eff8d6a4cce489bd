"""The packed client in pages of a real Chromium."""
