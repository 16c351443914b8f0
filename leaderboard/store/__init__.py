"""The store of submissions: tables, blobs, audit log, backups."""
