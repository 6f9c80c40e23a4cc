-- One node, one store: bodies once, and per hosted agent the runs that make up its log.
-- Ids are kept once, in chains and holders; every other table refers to them by a small number.

create table owner (
  id          integer primary key check (id = 1),
  token       integer not null,  -- one more with each process that opens the store for writing
  description text    not null
) strict;

create table chains (
  chain  integer primary key,
  agent  blob    not null check (length(agent) = 16),
  epoch  integer not null check (epoch >= 1),
  branch integer not null default 0 check (branch = 0),  -- room for forks
  unique (agent, epoch, branch)
) strict;

create table holders (
  holder integer primary key,
  agent  blob not null unique check (length(agent) = 16)
) strict;

-- Append only, in the order of delivery: causes before effects, the records of a segment side by side. A scan by position
-- is a replay. A record is found through its segment, so a place in a chain needs no index of its own here. Nor does the
-- hash: it is pinned by the place (the writer compares it), and a unique index over it made commits of 100 five times slower.
create table events (
  position  integer primary key,
  chain     integer not null,
  sequence  integer not null,
  verified  integer not null,                              -- 1 when the signature was checked here
  hash      blob    not null check (length(hash) = 32),
  signature blob,                                          -- on the last record of a segment
  header    blob    not null,
  payload   blob    not null
) strict;

create table segments (
  chain    integer not null,
  last     integer not null,
  first    integer not null,
  position integer not null,  -- of its first record
  primary key (chain, last)
) strict, without rowid;

create table runs (
  holder   integer not null,
  position integer not null,
  chain    integer not null,
  first    integer not null,
  last     integer not null,
  hop      integer not null,
  receipt  integer not null,
  primary key (holder, position)
) strict, without rowid;

create unique index runs_by_chain on runs (holder, chain, last);

create table receipts (
  holder   integer not null,
  number   integer not null,
  peer     blob    not null check (length(peer) = 16),
  exchange integer not null,  -- 64 bits, shown as signed
  mode     integer not null,
  at       integer not null,  -- 100 ns since 1970-01-01T00:00Z
  bytes    integer not null,
  outcome  integer not null,
  detail   text,
  count    integer not null,
  primary key (holder, number)
) strict, without rowid;

create table idempotency (
  holder       integer not null,
  key          text    not null,
  request_hash blob    not null check (length(request_hash) = 32),
  chain        integer not null,
  sequence     integer not null,
  primary key (holder, key)
) strict, without rowid;
