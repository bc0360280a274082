"""Routes, groups and delivers alerts; opens and reconciles tickets."""
