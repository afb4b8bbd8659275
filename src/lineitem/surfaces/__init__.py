"""Where you see it: each surface draws the shapes of `reports` and knows nothing else."""
