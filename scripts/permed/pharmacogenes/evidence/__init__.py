"""What each call rests on, as a table."""
