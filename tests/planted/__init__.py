"""Planted truth: simulated populations, families and faults whose right answers are known."""
