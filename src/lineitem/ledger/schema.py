"""The tables, each column with its meaning, and the numbered steps from older versions.

Facts: `file`, `sighting`, `total`, `problem`, and what live sources said: `event`, `snapshot`, `api_call`,
`tool_done`; what a person allows and what was decided: `budget`, `audit`; what a person logged: `manual_session`,
`manual_entry`; which advice they follow: `followed`. A memory of what was told: `finding`, `noticed`, `seen_call`,
`alert_*`, `state`, and of what a model was asked: `asked`, `question`. Everything else is derived: `lineitem rebuild`
makes it again.
Names (sessions, threads, models, branches, skills, projects) are interned in `name`; money is whole
nanodollars; times are milliseconds since 1970 UTC; a quarter is 900,000 of them.
"""

from __future__ import annotations

_FIRST = """
create table name (
  id integer primary key,
  text text not null unique             -- a session, thread, model, branch, skill, project or folder
) strict;

create table file (                     -- FACTS: a transcript and how far it was read
  id integer primary key,
  path text not null unique,
  project integer not null,             -- name: folder below projects/
  session integer not null,             -- name: session the file belongs to
  thread integer not null,              -- name: '' the main conversation, else the agent's id
  dev integer not null, ino integer not null, size integer not null, mtime_ns integer not null,
  offset integer not null,              -- bytes read: up to here every line is in `sighting`
  head text not null, tail text not null,  -- digests of the first bytes and of those before `offset`
  generation integer not null,          -- counts up when the file was rewritten and read again
  first_at integer not null,            -- time of the first line that has one: the earliest file owns copies
  last_at integer not null,             -- time of the last line read
  sidecar text not null,                -- JSON: agent type and tool use id from agent-*.meta.json
  sidecar_ns integer not null           -- modification time of that sidecar
) strict;

create table sighting (                 -- FACTS: what a span of a file said, see core/sightings.py
  id integer primary key,
  file integer not null, generation integer not null,
  start integer not null, end integer not null,
  rows text not null,                   -- JSON array of sightings, no text of any prompt or tool
  unique (file, generation, start)
) strict;

create table total (                    -- FACTS: the client's own running totals (cost-state)
  file integer not null, generation integer not null, start integer not null, ordinal integer not null,
  at integer not null,                  -- time of the line before it
  nanos integer not null, started integer not null, unknown integer not null,
  models text not null,                 -- JSON: model -> tokens and cost
  primary key (file, generation, start, ordinal)
) strict, without rowid;

create table problem (                  -- FACTS: what could not be read
  file integer not null, generation integer not null, start integer not null, ordinal integer not null,
  slug text not null, note text not null,
  primary key (file, generation, start, ordinal, slug)
) strict, without rowid;

create table request (                  -- one row per API answer, merged over all its sightings
  mid text not null,                    -- message id
  variant text not null,                -- request id, or ~ and what tells answers of one id apart
  session integer not null, thread integer not null, file integer not null,
  rank integer not null,                -- first_at of the owning file
  at integer not null, model integer not null,
  uncached integer not null, output integer not null, write5 integer not null, write1 integer not null,
  read integer not null, thinking integer not null, searches integer not null,
  modifiers text not null,              -- f fast, g US inference, b batch
  prompt_size integer not null,         -- of the last round, where server tools took several; else 0
  branch integer not null, skill integer not null,
  counted integer not null,             -- 0: the same call under another id, counted there
  nanos integer,                        -- null: unpriced
  primary key (mid, variant)
) strict, without rowid;
create index request_session on request (session);

create table copy (                     -- an answer that also stands in another session's file
  mid text not null, variant text not null, session integer not null, thread integer not null,
  rank integer not null,
  primary key (mid, variant, session, thread)
) strict, without rowid;
create index copy_session on copy (session);

create table session (
  session integer primary key,          -- name
  project integer not null,             -- name
  first_at integer not null, last_at integer not null,
  logged integer not null,              -- nanodollars of its priced requests
  reported integer,                     -- nanodollars by the client's own totals, null: none written
  unlogged integer not null,            -- nanodollars reported but in no transcript
  folded integer not null               -- 0: its line items are stale
) strict;

create table usage (                    -- rollup: a session's quarter hour and model
  session integer not null, quarter integer not null, model integer not null,
  requests integer not null, uncached integer not null, output integer not null, write5 integer not null,
  write1 integer not null, read integer not null, searches integer not null,
  nanos integer not null, unpriced integer not null,  -- unpriced: tokens without a price
  primary key (session, quarter, model)
) strict, without rowid;

create table run (                      -- what the client reported from one total to the next
  session integer not null, ordinal integer not null, at integer not null,
  reported integer not null, logged integer not null,
  unlogged integer not null,            -- requests in no transcript, at our prices
  priced integer not null,              -- difference of price tables
  duplicated integer not null, unexplained integer not null,
  tokens text not null,                 -- JSON: model -> unlogged tokens by class
  primary key (session, ordinal)
) strict, without rowid;

create table item (                     -- line items: what one cause cost in one thread on one model
  session integer not null, thread integer not null, ordinal integer not null,
  cause text not null, kind text not null, call text not null,  -- call: tool use id or ''
  model integer not null, basis text not null, at integer not null,
  prompt integer not null,              -- ordinal of the prompt it came with
  carried integer not null,             -- requests that re-sent it
  g_output integer not null, g_nanos integer not null,                        -- generate
  i_uncached integer not null, i_write5 integer not null, i_write1 integer not null, i_read integer not null,
  i_nanos integer not null,                                                   -- ingest
  c_read integer not null, c_nanos integer not null,                          -- carry
  r_uncached integer not null, r_write5 integer not null, r_write1 integer not null, r_nanos integer not null,
  s_nanos integer not null,             -- web searches
  primary key (session, thread, ordinal)
) strict, without rowid;

create table miss (                     -- cache misses: what was written again, and why
  session integer not null, thread integer not null, at integer not null, mid text not null,
  reason text not null, tokens integer not null, nanos integer not null, idle integer not null,
  primary key (session, thread, mid, at)
) strict, without rowid;

create table prompt (                   -- what a person, command or timer asked, and its cost
  session integer not null, ordinal integer not null, at integer not null,
  source text not null, name text not null, requests integer not null, nanos integer not null,
  agents integer not null,              -- nanodollars of agents it led to
  primary key (session, ordinal)
) strict, without rowid;

create table agent (                    -- threads beside the main conversation
  session integer not null, thread integer not null, type text not null, call text not null,
  parent integer not null,              -- thread that made the call
  requests integer not null, nanos integer not null,
  primary key (session, thread)
) strict, without rowid;

create table state (key text primary key, value text not null) strict, without rowid;
"""

_LIVE = """
create table event (                    -- FACTS: hook events: when, how long, how large; see core/live.py
  id integer primary key,
  key text not null unique,             -- the same event has the same key, however often it comes
  session integer not null,             -- name
  at integer not null,
  what text not null,                   -- name of the hook event, or otel/...
  prompt text not null, agent text not null, tool text not null, call text not null,
  duration integer, size_in integer, size_out integer,  -- null: not said
  note text not null                    -- JSON: what else is known, without texts
) strict;
create index event_session on event (session, at);
create index event_call on event (call) where call <> '';

create table snapshot (                 -- FACTS: what the client told its statusline
  session integer not null, at integer not null,
  model text not null, prompt text not null,
  nanos integer,                        -- the client's own running total
  api_ms integer, context integer, window integer,
  uncached integer, output integer, "write" integer, read integer,  -- of the last API call
  five_hour integer, five_hour_resets integer, week integer, week_resets integer,  -- hundredths of a percent
  warm integer, ttl text not null, expires integer, misses integer, recache integer,
  cwd text not null,
  primary key (session, at)
) strict, without rowid;

create table api_call (                 -- FACTS: API calls as telemetry reports them
  key text primary key,
  session integer not null, at integer not null,
  request text not null, model text not null, source text not null, agent text not null, prompt text not null,
  uncached integer not null, output integer not null, write5 integer not null, write1 integer not null,
  read integer not null, nanos integer, duration integer, speed text not null,
  labels text not null                  -- JSON: department, team and other resource attributes
) strict, without rowid;
create index api_call_session on api_call (session);
create index api_call_request on api_call (request) where request <> '';

create table tool_done (                -- FACTS: finished tool calls as telemetry reports them
  call text primary key,
  session integer not null, at integer not null,
  tool text not null, request text not null, prompt text not null, agent text not null,
  size_in integer, size_out integer, succeeded integer, duration integer
) strict, without rowid;
create index tool_done_session on tool_done (session);
create index request_variant on request (variant);

create table noticed (                  -- up to which moment a session was looked through for what stands out
  session integer primary key, upto integer not null
) strict;

create table seen_call (call text primary key) strict, without rowid;  -- tool calls that were scored, each once

create table finding (                  -- what stood out: a memory, so that nothing is told twice
  key text primary key,
  at integer not null, session integer not null,
  rule text not null, severity integer not null,
  again integer not null,               -- within the cooldown of another: kept, not told
  body text not null                    -- JSON: the finding and its causes
) strict, without rowid;
create index finding_at on finding (at);

create table alert_notice (             -- a finding to tell on a channel; stays, so that it is told once
  channel text not null, key text not null, noted integer not null, kind text not null, subject text not null,
  urgency integer not null, body text not null,
  told integer,                         -- when a message with it was made
  dropped text,                         -- why it is not told
  primary key (channel, key)
) strict, without rowid;
create index alert_waiting on alert_notice (channel, noted) where told is null and dropped is null;
create index alert_told on alert_notice (channel, told) where told is not null;

create table alert_message (            -- a message on its way
  channel text not null, id text not null, body text not null, made integer not null, notices integer not null,
  due integer,                          -- when to try next; null: settled
  tries integer not null default 0, settled integer, why text, sent integer not null default 0,
  primary key (channel, id)
) strict, without rowid;
create index alert_due on alert_message (due) where due is not null;
"""

_CONTROL = """
create table budget (                   -- FACTS: what a person allows; a change ends one row and begins another
  id integer primary key,
  name text not null, since integer not null,
  until integer,                        -- null: in force
  body text not null                    -- JSON: period, scope, limit, unit, marks
) strict;
create unique index budget_name on budget (name) where until is null;

create table audit (                    -- FACTS: what was decided, and by whom; rows are only ever added
  seq integer primary key,              -- 1, 2, 3 ... without a gap
  key text not null unique,             -- the same decision has the same key
  at integer not null,
  actor text not null,                  -- who: a person's account name, or `lineitem`
  what text not null,                   -- `budget added`, `override`, `block` ...
  body text not null,                   -- JSON: the rest
  hash text not null                    -- of this row and of the hash before: a gap or an edit shows
) strict;
create trigger audit_stays before update on audit begin select raise(abort, 'the audit log is only added to'); end;
create trigger audit_keeps before delete on audit begin select raise(abort, 'the audit log is only added to'); end;
"""

_GUESSES = """
create table asked (                    -- findings that a model is, or was, asked about
  key text primary key,                 -- the finding's
  noted integer not null,
  digest text,                          -- of the question; null: not asked yet
  due integer,                          -- when to try next; null: settled
  tries integer not null default 0, settled integer,
  why text                              -- why there is no answer yet, or none at all
) strict, without rowid;
create index asked_due on asked (due) where due is not null;

create table question (                 -- what the classifier sent, each request once: what it cost, and what came back
  id integer primary key,
  digest text not null, at integer not null, model text not null,
  reserved integer not null,            -- nanodollars set aside before it was sent: the most it can cost
  nanos integer,                        -- null: not known; then `reserved` counts
  uncached integer, write5 integer, write1 integer, read integer, output integer,  -- null: not told
  cause text, likelihood text, text text,  -- null: no answer
  why text                              -- why there is none; null with no cause: under way, or ended on the way
) strict;
create index question_answer on question (digest) where cause is not null;
create index question_at on question (at);
"""

_LEARNT = """
create table baseline (                 -- a memory of what is usual: the last values of a kind of call
  id integer primary key,
  measure text not null, key text not null,  -- JSON: task type, project, model
  used integer not null,                -- when it last learnt
  row text not null                     -- JSON: see insights/baselines.py
) strict;
create unique index baseline_key on baseline (measure, key);
create index baseline_used on baseline (used);
"""

_MANUAL = """
create table manual_session (           -- FACTS: work in a folder that a person began, and ended, by hand
  id text primary key,
  name text not null,                   -- at most 80 characters, secrets redacted
  folder text not null,                 -- the repository's, else `cwd`
  cwd text not null,                    -- where it was begun
  since integer not null,
  until integer,                        -- null: not ended
  model text not null,                  -- of entries that name none; '': none was named
  expected_nanos integer, expected_tokens integer  -- what it was expected to take; null: not said
) strict, without rowid;
create unique index manual_open on manual_session (folder) where until is null;

create table manual_entry (             -- FACTS: what was logged by hand, and what programs of a person's own used
  id text primary key,
  session text not null,                -- of manual_session; '': of none
  folder text not null,
  at integer not null,
  how text not null, kind text not null,  -- see core/manual.py
  label text not null,                  -- at most 80 characters, secrets redacted
  model text not null,
  uncached integer not null, write5 integer not null, write1 integer not null, read integer not null,
  output integer not null, searches integer not null,
  modifiers text not null,              -- f fast, g US inference, b batch
  mid text not null,                    -- message id of an API answer; '': none
  range text not null                   -- JSON: least and most input, least and most output; '': counts as given
) strict, without rowid;
create index manual_entry_session on manual_entry (session);
create index manual_entry_folder on manual_entry (folder);
create index manual_entry_at on manual_entry (at);
"""

_ADVICE = """
create table saving (                   -- what a change would have saved in a session; see insights/savings.py
  session integer not null, kind text not null, subject text not null,
  model integer not null,               -- name
  nanos integer not null,               -- may be below 0: what is right elsewhere may not be here
  tokens integer not null,              -- that would not have been sent
  times integer not null,               -- line items, agents or sessions it was found on
  note text not null,                   -- what the change is to: a model
  evidence text not null,               -- JSON: the dearest of them, [nanodollars, id] each
  primary key (session, kind, subject, model)
) strict, without rowid;
create index saving_kind on saving (kind, subject);

create table searched (session integer primary key) strict;  -- sessions whose line items were looked through for these

create table followed (                 -- FACTS: which advice a person says they follow
  seq integer primary key,
  id text not null,                     -- of the advice
  since integer not null,
  until integer,                        -- null: still
  body text not null                    -- JSON: kind, subject and filters
) strict;
create unique index followed_id on followed (id) where until is null;
"""

#: Some stores of versions 3 to 7 have it already: it once stood in a step that other stores had behind them.
_OVERRIDES = """
create index if not exists audit_override on audit (seq) where what = 'override';
"""

#: Steps from version n to n + 1, in order; the first store had version 1. A step that was published is never edited:
#: stores that have it behind them would lack what it gained.
MIGRATIONS: tuple[str, ...] = (_LIVE, _CONTROL, _GUESSES, _LEARNT, _MANUAL, _ADVICE, _OVERRIDES)

SCHEMA = _FIRST + "".join(MIGRATIONS)

VERSION = 1 + len(MIGRATIONS)
DERIVED = ("request", "copy", "session", "usage", "run", "item", "miss", "prompt", "agent")
#: Made of line items when somebody asks for advice, so never part of a comparison.
SEARCHED = ("saving", "searched")
