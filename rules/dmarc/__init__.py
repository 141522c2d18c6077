"""Rules about DMARC (RFC 9989), one file each."""
