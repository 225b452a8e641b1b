"""What people read: a report for each person, a page and tables for the cohort, a manifest of everything made."""
