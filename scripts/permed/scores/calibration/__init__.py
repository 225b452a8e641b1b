"""Where a person's score lies among people of a reference: percentile, Z, and Z free of ancestry."""
