"""Pharmacogenes: from genotypes at the positions of the definitions to diplotypes, activity scores and phenotypes."""
