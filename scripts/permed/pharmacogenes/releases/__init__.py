"""Published releases of the definitions: reading them into our tables, and comparing two."""
