"""What is known of mail services: one TOML file each."""
