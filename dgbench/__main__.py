"""`python -m dgbench` is `dgbench`."""

from dgbench.cli.main import main

if __name__ == "__main__":
    main()
