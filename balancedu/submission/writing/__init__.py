"""What counties report as the workbook that they fill in."""
