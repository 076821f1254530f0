"""`python -m balancedu` is the command `balancedu`."""

from balancedu.cli import run

run()
