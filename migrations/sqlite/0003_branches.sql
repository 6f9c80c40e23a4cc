-- A chain that has forked has several lines. Each is a chain here, with a number that this node gave it; 0 is the line held first.

create table chains_with_branches (
  chain  integer primary key,
  agent  blob    not null check (length(agent) = 16),
  epoch  integer not null check (epoch >= 1),
  branch integer not null check (branch >= 0),
  unique (agent, epoch, branch)
) strict;

insert into chains_with_branches (chain, agent, epoch, branch) select chain, agent, epoch, branch from chains;

drop table chains;

alter table chains_with_branches rename to chains;
