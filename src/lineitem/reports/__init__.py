"""What we ask: one file per question, each returning a shape (`reports.shapes`) that any surface can draw."""
