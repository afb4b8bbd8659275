"""The dashboard: files for a browser, and answers for their questions, both served by the collector."""
