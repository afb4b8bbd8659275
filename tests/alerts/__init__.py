"""Being told: rules, words, the outbox and the channels."""
