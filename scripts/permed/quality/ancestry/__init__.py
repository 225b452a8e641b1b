"""Genetic similarity to the populations of a reference panel: the panel's components, projection, probabilities."""
