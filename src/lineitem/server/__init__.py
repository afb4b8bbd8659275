"""What keeps running: the collector that Claude Code talks to, and the loop that follows transcripts."""
