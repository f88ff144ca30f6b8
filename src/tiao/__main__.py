"""`python -m tiao` is `tiao`."""

from tiao.cli import main

main()
