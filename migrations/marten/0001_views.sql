-- A node's log in the shape that Marten's event store reads, in a schema of its own beside the node's. Only on request, because it costs the node an
-- index: tavern migrate --apply --marten. Columns, their types and their order are Marten's; README.md says how to read them and what not to do.

do $$
begin
  if getdatabaseencoding() <> 'UTF8' then
    raise exception using errcode = 'TV002', message = format('The database is encoded in %s; as jsonb, events can only be read in UTF8.', getdatabaseencoding());
  end if;
end
$$;

-- A stream by its id. The node itself finds records through their segments.
create index events_by_chain on events (chain, sequence);

-- agent:42 or agent@2:42 from an EventRef. Here and below: of fields that a message has once, but that occur again, the last counts.
create function event_id(reference bytea) returns text language sql immutable return
  (select encode(agent, 'hex') || case when epoch > 1 then '@' || epoch::text else '' end || ':' || sequence::text
   from (
     select
       (array_agg(f.bytes order by f.place desc) filter (where f.tag = 10))[1] as agent,
       (array_agg(f.number & 4294967295 order by f.place desc) filter (where f.tag = 16))[1] as epoch,
       (array_agg(f.number order by f.place desc) filter (where f.tag = 24))[1] as sequence
     from message_fields(reference) with ordinality f (tag, number, bytes, place)) parts);

-- The trace id of a W3C traceparent, 32 hexadecimal digits.
create function trace_id(traceparent bytea) returns text language sql immutable return
  substring(encode(traceparent, 'escape') from '^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$');

-- The first declared cause.
create function first_cause(header bytea) returns text language sql immutable return
  (select event_id(f.bytes) from message_fields(header) with ordinality f (tag, number, bytes, place) where f.tag = 74 order by f.place limit 1);

-- What the record says about itself beside the payload.
create function headers(header bytea, hash bytea, json_ok boolean) returns jsonb language sql immutable return
  (select jsonb_strip_nulls(jsonb_build_object(
      'hash', encode(hash, 'hex'),
      'previous', encode((array_agg(f.bytes order by f.place desc) filter (where f.tag = 34))[1], 'hex'),
      'type', (array_agg(case when position('\x00'::bytea in f.bytes) = 0 then convert_from(f.bytes, 'UTF8') end order by f.place desc) filter (where f.tag = 58))[1],
      'typeVersion', (array_agg(f.number & 4294967295 order by f.place desc) filter (where f.tag = 64))[1],
      'causes', jsonb_agg(event_id(f.bytes) order by f.place) filter (where f.tag = 74),
      'dependencies', (
        select jsonb_agg(event_id(head.bytes) order by deps.place, head.place)
        from unnest(array_agg(f.bytes order by f.place) filter (where f.tag = 98)) with ordinality deps (bytes, place),
          message_fields(deps.bytes) with ordinality head (tag, number, bytes, place)
        where head.tag = 10),
      'trace', trace_id((array_agg(f.bytes order by f.place desc) filter (where f.tag = 82))[1]),
      'payload', case when not json_ok then 'left out: PostgreSQL cannot cast it to jsonb' end))
    from message_fields(header) with ordinality f (tag, number, bytes, place));

-- Order of arrival is order of commit, from the one writer, without holes: every record of every chain has its number. What this node
-- holds of other lines of a forked chain is archived, so that it is passed over and leaves no hole.
create view mt_events as
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
  headers(e.header, e.hash, e.json_ok) as headers,
  c.branch > 0 as is_archived
from events e left join chains c on c.chain = e.chain;  -- never without; but a left join costs nothing where no column of it is asked for

-- How many rows have which type: without it a planner takes every filter by type for one that leaves hardly anything.
create statistics events_types on (convert_from(alias, 'UTF8')::varchar(500)::text) from events;

-- One stream for each chain.
create view mt_streams as
select
  c.stream_id as id,
  null::varchar as type,
  (select max(s.last) from segments s where s.chain = c.chain) as version,
  (select e.at from events e where e.chain = c.chain order by e.sequence desc limit 1) as timestamp,
  (select e.at from events e where e.chain = c.chain order by e.sequence limit 1) as created,
  '*DEFAULT*'::varchar as tenant_id,
  false as is_archived
from chains c where c.branch = 0;

-- What a sequence shows of itself, over rows that are committed: who reads up to last_value has missed nothing.
create view mt_events_sequence as
select greatest(max(position), 1) as last_value, 0::bigint as log_cnt, max(position) is not null as is_called from events;

-- How far readers have come: the only rows that they write.
create table mt_event_progression (
  name         varchar not null,
  last_seq_id  bigint,
  last_updated timestamptz default transaction_timestamp(),
  constraint pk_mt_event_progression primary key (name)
);

create table mt_high_water_skips (
  ending_sequence   bigint not null,
  starting_sequence bigint not null,
  timestamp         timestamptz default transaction_timestamp(),
  constraint pkey_mt_high_water_skips_ending_sequence primary key (ending_sequence)
);

-- What a reader's projection could not apply: a document of its own, which it looks for here.
create table mt_doc_deadletterevent (
  id               uuid  not null,
  data             jsonb not null,
  mt_last_modified timestamptz default transaction_timestamp(),
  mt_version       uuid  not null default md5(random()::text || clock_timestamp()::text)::uuid,
  mt_dotnet_type   varchar,
  constraint pkey_mt_doc_deadletterevent_id primary key (id)
);

create function mt_mark_event_progression(name varchar, last_encountered bigint) returns void language sql set search_path from current as $$
  insert into mt_event_progression (name, last_seq_id) values ($1, $2)
  on conflict on constraint pk_mt_event_progression do update set last_seq_id = excluded.last_seq_id, last_updated = transaction_timestamp()
$$;

-- Steps over numbers that nobody will commit, if the reader still stands before them; where it stands then.
create function mt_mark_progression_with_skip(shard_name varchar, ending bigint, starting bigint) returns bigint language sql set search_path from current as $$
  insert into mt_high_water_skips (ending_sequence, starting_sequence)
  select $2, $3 where $2 > $3 and coalesce((select p.last_seq_id from mt_event_progression p where p.name = $1), $3) = $3
  on conflict on constraint pkey_mt_high_water_skips_ending_sequence do nothing;
  insert into mt_event_progression as p (name, last_seq_id) values ($1, $2)
  on conflict on constraint pk_mt_event_progression do update set last_seq_id = excluded.last_seq_id, last_updated = transaction_timestamp()
  where coalesce(p.last_seq_id, $3) = $3;
  select p.last_seq_id from mt_event_progression p where p.name = $1;
$$;
