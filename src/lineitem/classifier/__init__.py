"""What a model makes of a finding that no rule explains: off unless somebody switches it on.

`settings` says whether and how, `question` what is sent, `redaction` what of a snippet may be, `answer` what is taken
from what comes back, `budget` what it may cost, `messages_api` sends it, `asking` is the order of all that.
"""
