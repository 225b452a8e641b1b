"""Who is related to whom: KING-robust kinship of all pairs, and the relations that follow."""
