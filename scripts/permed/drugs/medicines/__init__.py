"""The person's medicines: what is written in the sheet, read as ingredients, route and status, and what to ask."""

from permed.drugs.medicines.entry import Medicine, allergies, in_doubt, taken, unread
from permed.drugs.medicines.names import SEPARATOR, MedicineNames

__all__ = ["SEPARATOR", "Medicine", "MedicineNames", "allergies", "in_doubt", "taken", "unread"]
