"""Where submissions are kept: tables, blobs, the audit chain, and how they are moved."""
