"""Rules about mail routing and its transport security, one file each."""
