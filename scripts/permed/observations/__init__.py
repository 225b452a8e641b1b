"""What a genotype says: decided once, of the site as the file wrote it, before it is split.

A genotype stays as it is written. Beside it stands what is to be known of it, a byte (:mod:`.codes`): why it is not
believed, if it is not, and which of its copies are alleles that no record of the run has. Stages that give results to
people take a genotype that is not believed for unknown; quality control counts genotypes as written.
"""
