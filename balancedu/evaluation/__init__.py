"""What an evaluation gives: verdicts, findings, sections, coefficients."""
