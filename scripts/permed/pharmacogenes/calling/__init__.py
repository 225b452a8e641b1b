"""From a pattern of genotypes to a call: what fits, what is known, what could change it and why."""
