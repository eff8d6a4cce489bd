"""From a change that is asked for to a committed one: requests, the lane, outcomes; imports `records` and below."""
