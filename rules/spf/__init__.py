"""Rules about SPF (RFC 7208), one file each."""
