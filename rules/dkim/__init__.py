"""Rules about DKIM keys (RFC 6376), one file each."""
