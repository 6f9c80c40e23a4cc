-- One node, one schema: bodies once, and per hosted agent the runs that make up its log. The same tables as in migrations/sqlite.
-- Ids are kept once, in chains and holders; every other table refers to them by a small number, which the one writer gives.
-- What others wrote (details, keys, names of subscriptions) is bytea in UTF-8: text refuses the character 0, and depends on the
-- encoding of the database.

create table owner (
  id          integer primary key check (id = 1),
  token       bigint not null,  -- one more with each connection that writes
  process     bytea  not null check (length(process) = 16),  -- drawn anew by each process: a connection takes over from its own
  description text   not null
);

-- The first statement of every commit. It holds the row until the commit ends, so nobody takes over in the middle of one.
create function require_owner(held bigint) returns void language plpgsql as $$
begin
  perform from owner where token = held for share;
  if not found then
    raise exception using errcode = 'TV001', message = coalesce((select description from owner), 'nobody');
  end if;
end
$$;

create table chains (
  chain  integer primary key,
  agent  bytea   not null check (length(agent) = 16),
  epoch  integer not null check (epoch >= 1),
  branch integer not null check (branch >= 0),
  unique (agent, epoch, branch)
);

create table holders (
  holder integer primary key,
  agent  bytea not null unique check (length(agent) = 16)
);

-- Append only, in the order of delivery: causes before effects, the records of a segment side by side. A scan by position
-- is a replay. A record is found through its segment, so a place in a chain needs no index of its own here, nor does the hash.
create table events (
  position  bigint  primary key,
  chain     integer not null,
  sequence  bigint  not null,
  verified  boolean not null,                               -- true when the signature was checked here
  hash      bytea   not null check (length(hash) = 32),
  signature bytea,                                          -- on the last record of a segment
  header    bytea   not null,
  payload   bytea   not null
);

create table segments (
  chain    integer not null,
  last     bigint  not null,
  first    bigint  not null,
  position bigint  not null,  -- of its first record
  primary key (chain, last)
);

create table runs (
  holder   integer not null,
  position bigint  not null,
  chain    integer not null,
  first    bigint  not null,
  last     bigint  not null,
  hop      integer not null,
  receipt  bigint  not null,
  primary key (holder, position)
);

create unique index runs_by_chain on runs (holder, chain, last);

create table receipts (
  holder   integer not null,
  number   bigint  not null,
  peer     bytea   not null check (length(peer) = 16),
  exchange bigint  not null,  -- 64 bits, shown as signed
  mode     integer not null,
  at       bigint  not null,  -- 100 ns since 1970-01-01T00:00Z
  bytes    integer not null,
  outcome  integer not null,
  detail   bytea,
  count    bigint  not null,
  primary key (holder, number)
);

create table idempotency (
  holder       integer not null,
  key          bytea   not null,
  request_hash bytea   not null check (length(request_hash) = 32),
  chain        integer not null,
  sequence     bigint  not null,
  primary key (holder, key)
);

-- How far each subscription of a hosted agent has handled that agent's log. Moved in the transaction that writes what was emitted.
create table positions (
  holder       integer not null,
  subscription bytea   not null,
  position     bigint  not null check (position >= 0),  -- in the holder's log, 0 for nothing
  chain        integer,                                 -- the last event emitted with the step, null for none
  sequence     bigint,
  primary key (holder, subscription),
  check ((chain is null) = (sequence is null))
);
