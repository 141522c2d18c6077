"""Rules about the zone itself, one file each."""
