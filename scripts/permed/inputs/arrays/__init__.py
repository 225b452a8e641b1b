"""Array text (23andMe, AncestryDNA and alike, Illumina final reports): reading it, and placing it on the reference.

A line names a marker, chromosome, 1-based position and the two alleles, in one column or in two. Such files give
alleles on the plus strand of the build that they name above their table; those that do not are refused.
"""

from permed.inputs.arrays.placing import Placed, array_faults, place
from permed.inputs.arrays.reading import ArrayCalls, is_array, problem_notes, read_array

__all__ = ["ArrayCalls", "Placed", "array_faults", "is_array", "place", "problem_notes", "read_array"]
