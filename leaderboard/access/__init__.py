"""Who may do what: tokens, and the roles they carry."""
