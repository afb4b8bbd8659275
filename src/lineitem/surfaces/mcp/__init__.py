"""The MCP server: reports and bills for a model that asks, over stdio and in the collector.

`tools` and `prompts` say what there is, `answers` asks the ledger, `onward` a repository, `cut` bounds and cleans what
is given out, `veil` hides names, `desk` opens the store for each question, `protocol` joins them with the official
SDK; `stdio` and `http` are the two ways in. Always: nothing but `log_session` and `update_context` writes, and those
only where a person allowed it; no answer is longer than `cut.MOST` and a prompt; no name can steer whatever shows it.
"""
