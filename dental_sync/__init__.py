"""Dental Sync keeps a dental practice's diary true on every screen at once."""
