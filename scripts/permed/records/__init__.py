"""Whether what records hold fits their alleles."""

ADDED = "the header of the file did not define it"  # the description of a name that we defined
