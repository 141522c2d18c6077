later = "from an auto file"
