"""From a change that is asked for to a committed one: requests, waiting, the lane; imports `records` and below."""
