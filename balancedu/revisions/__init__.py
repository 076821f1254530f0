"""What changed in the law from one standard to another, and what that changes for a county."""
