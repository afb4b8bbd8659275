"""When we speak up: findings become messages, messages reach a person, each thing is told once.

    notice -> rules (is it worth telling, and when) -> messages (the words) -> outbox (kept) -> delivery -> channels

`Outbox.note` keeps a finding in the transaction that found it; `tell.gather` turns what waits into messages,
`delivery.deliver` sends them. Rules, messages, sinks and digests are pure; time, jitter and pseudonyms are given.
"""
