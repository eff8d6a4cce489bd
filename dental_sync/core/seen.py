"""Where in Redis is said that the lane and beat are at work, for health: keys that expire when nobody renews them."""

from __future__ import annotations

LANE_SEEN_KEY = "dental_sync:lane-seen"
BEAT_SEEN_KEY = "dental_sync:beat-seen"
# How long each word lasts, and how often it is renewed by whoever has nothing else to do.
SEEN_SECONDS = 10
RENEW_SECONDS = 2.0
