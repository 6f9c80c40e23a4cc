-- The vector clock of each event, in its headers; and an event by its id.

-- Ids are the first half of hashes, as dependencies name them too. A hash index is the cheapest to keep for values that come in no order.
create index events_by_id on events using hash ((encode(substring(hash for 16), 'hex')::uuid));

-- What the writer of a line had heard when it wrote the segment that begins here, and until the next such row: of each other line up to which place.
-- Only for segments whose writer had heard something new.
create table clocks (
  chain     integer   not null,
  first     bigint    not null,
  chains    integer[] not null,
  sequences bigint[]  not null,
  primary key (chain, first)
);

-- The ids that a segment's first record names as dependencies. Of a field that occurs again, the last counts; deps are merged.
create function dependency_ids(header bytea) returns uuid[] language sql immutable return
  (select array_agg(encode(substring(named.hashes from 16 * i + 1 for 16), 'hex')::uuid)
   from (
     select f.bytes as hashes
     from message_fields(header) with ordinality deps (tag, number, bytes, place),
       message_fields(case when deps.tag = 98 then deps.bytes end) with ordinality f (tag, number, bytes, place)
     where f.tag = 18
     order by deps.place desc, f.place desc limit 1) named,
   generate_series(0, length(named.hashes) / 16 - 1) i);

-- What the first segment of a line builds on: the record that its previous hash names, of another line; and when that one gives a key to an agent, also
-- the record that it names of that agent's.
create function origin_ids(first_header bytea) returns uuid[] language sql stable return
  (select array_agg(encode(substring(named.hash for 16), 'hex')::uuid)
   from (
     select message_bytes(first_header, 34)
     union all
     select decode(substring(convert_from(e.payload, 'UTF8')::jsonb ->> 'lastHash' from '^[0-9a-f]{64}$'), 'hex')
     from events e
     where encode(substring(e.hash for 16), 'hex')::uuid = encode(substring(message_bytes(first_header, 34) for 16), 'hex')::uuid
       and e.alias = 'agent_rekeyed' and e.json_ok) named (hash)
   where named.hash is not null);

-- Writes down the clock of a segment, when it is another than that of the segment before on its line. A session keeps its plans from when the tables were
-- small: they must not scan.
create function note_clock(of_chain integer, of_first bigint) returns void language plpgsql set enable_seqscan = off as $$
declare
  first_header constant bytea := (select e.header from events e where e.chain = of_chain and e.sequence = of_first);
  named uuid[] := dependency_ids(first_header);
begin
  if not exists (select from segments s where s.chain = of_chain and s.last = of_first - 1) then
    named := named || origin_ids(first_header);
  end if;
  insert into clocks (chain, first, chains, sequences)
  select of_chain, of_first, array_agg(heard.chain order by heard.chain), array_agg(heard.sequence order by heard.chain)
  from (
    select entry.chain, max(entry.sequence)
    from (
      select e.chain, e.sequence, e.chain, e.sequence from events e where encode(substring(e.hash for 16), 'hex')::uuid = any (named)
      union all
      select of_chain, of_first - 1, null, null where named is not null) source (chain, sequence, other, place),
    lateral (
      select source.other, source.place
      union all
      select unnest(c.chains), unnest(c.sequences)
      from (select * from clocks k where k.chain = source.chain and k.first <= source.sequence order by k.first desc limit 1) c) entry (chain, sequence)
    where entry.chain <> of_chain
    group by entry.chain) heard (chain, sequence)
  having count(*) > 0;
end
$$;

-- Runs with the rights of whoever applied this step: a node need not know of it.
create function note_clocks() returns trigger language plpgsql security definer set search_path from current as $$
declare
  segment record;
begin
  for segment in select a.chain, a.first from added a order by a.position loop  -- causes before effects
    perform note_clock(segment.chain, segment.first);
  end loop;
  return null;
end
$$;

create trigger note_clocks after insert on segments referencing new table as added for each statement execute function note_clocks();

-- Those that are here already; the trigger keeps others out until this is done.
do $$
declare
  segment record;
begin
  for segment in select s.chain, s.first from segments s order by s.position loop
    perform note_clock(segment.chain, segment.first);
  end loop;
end
$$;

-- As before, and with the clock.
create or replace view mt_events as
select
  e.position as seq_id,
  encode(substring(e.hash for 16), 'hex')::uuid as id,
  c.stream_id as stream_id,
  e.sequence as version,
  case when e.json_ok then convert_from(e.payload, 'UTF8')::jsonb else '{}'::jsonb end as data,
  null::bytea as bdata,
  convert_from(e.alias, 'UTF8')::varchar(500) as type,
  e.at as timestamp,
  '*DEFAULT*'::varchar as tenant_id,
  ''::varchar as mt_dotnet_type,  -- not null: a reader then names the type that it does not know
  case when position('\x523730302d'::bytea in e.header) > 0 then trace_id(message_bytes(e.header, 82)) end::varchar as correlation_id,  -- most have none: seen without parsing
  case when position('\x4a'::bytea in e.header) > 0 then first_cause(e.header) end::varchar as causation_id,
  headers(e.header, e.hash, e.json_ok) || jsonb_build_object('clock', (
    select jsonb_object_agg((select known.stream_id from chains known where known.chain = entry.chain), entry.sequence)
    from (
      select e.chain, e.sequence
      union all
      select unnest(k.chains), unnest(k.sequences)
      from (select * from clocks k where k.chain = e.chain and k.first <= e.sequence order by k.first desc limit 1) k) entry (chain, sequence))) as headers,
  c.branch > 0 as is_archived
from events e left join chains c on c.chain = e.chain;  -- never without; but a left join costs nothing where no column of it is asked for
