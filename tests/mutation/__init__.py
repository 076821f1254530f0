"""Which mutants of the package the tests are tried on: a seeded sample, and what came of it."""
