"""From genotype to drug and dose: guidance, the person's medicines, and what they change."""
