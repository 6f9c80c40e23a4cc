-- How far each subscription of a hosted agent has handled that agent's log. Moved in the transaction that writes what was emitted.

create table positions (
  holder       integer not null,
  subscription text    not null check (length(subscription) between 1 and 255),
  position     integer not null check (position >= 0),  -- in the holder's log, 0 for nothing
  chain        integer,                                 -- the last event emitted with the step, null for none
  sequence     integer,
  primary key (holder, subscription),
  check ((chain is null) = (sequence is null))
) strict, without rowid;
