"""The commands of `balancedu` that say what to do about a verdict, one module for each kind."""
