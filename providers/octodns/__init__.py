"""The world of octoDNS; needs the extra of that name."""
