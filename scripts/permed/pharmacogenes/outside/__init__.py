"""Calls made elsewhere, and HLA types."""
