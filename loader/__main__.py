"""`python -m loader` is `loader`."""

from loader.cli import main

if __name__ == "__main__":  # processes that the demo spawns import this module again
    main()
