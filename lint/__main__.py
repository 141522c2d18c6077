"""`python -m zonelint`: the same as the command `zonelint`."""

from zonelint.main import main

if __name__ == "__main__":
    main()
