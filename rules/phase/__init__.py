"""Rules about the roll-out of DMARC from none through quarantine to reject, one file each."""
