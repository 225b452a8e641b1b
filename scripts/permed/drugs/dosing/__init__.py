"""Dose algorithms: published figures, what they need to know, and the range that is left where it is not known."""
