"""What counties report, checked on the way in; knows no rule."""
