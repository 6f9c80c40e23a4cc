-- What readers in SQL ask for, told beside the bytes of header and payload when a record is written. Nothing in here is read by a node.

-- The id of a chain in text form: agent, agent@2 from its second epoch on, agent/1 for another line of a chain that has forked.
alter table chains add column stream_id varchar generated always as (
  encode(agent, 'hex') || case when epoch > 1 then '@' || epoch::text else '' end || case when branch > 0 then '/' || branch::text else '' end) stored;
create unique index chains_by_stream_id on chains (stream_id);

-- The fields of a protobuf message in the order of its bytes: tag (8 * number of the field + wire type), and a number or bytes. Fields of 4 and 8
-- bytes and groups, of which a header has none, are passed over. Source: protobuf.dev, "Encoding".
create function message_fields(message bytea) returns table (tag bigint, number bigint, bytes bytea) language plpgsql immutable strict as $$
declare
  message_size constant integer := length(message);
  place integer := 0;
  depth integer := 0;  -- of groups
  shift integer;
  next integer;
begin
  message := message || ''::bytea;  -- out of the table's storage once, not for every byte
  while place < message_size loop
    tag := get_byte(message, place);
    place := place + 1;
    if tag > 127 then
      tag := tag & 127;
      shift := 7;
      loop
        next := get_byte(message, place);
        place := place + 1;
        tag := tag | ((next & 127)::bigint << shift);
        shift := shift + 7;
        exit when next < 128;
      end loop;
      tag := tag & 4294967295;
    end if;
    number := null;
    bytes := null;
    if tag & 7 in (0, 2) then  -- a number, or the length of bytes
      number := get_byte(message, place);
      place := place + 1;
      if number > 127 then
        number := number & 127;
        shift := 7;
        loop
          next := get_byte(message, place);
          place := place + 1;
          number := number | ((next & 127)::bigint << shift);
          shift := shift + 7;
          exit when next < 128;
        end loop;
      end if;
      if tag & 7 = 2 then
        bytes := substring(message from place + 1 for number::integer);
        place := place + number::integer;
        number := null;
      end if;
      if depth = 0 then
        return next;
      end if;
    else
      case tag & 7
        when 1 then place := place + 8;
        when 5 then place := place + 4;
        when 3 then depth := depth + 1;
        when 4 then depth := depth - 1;
      end case;
    end if;
  end loop;
end
$$;

-- The value of a field that a message has once; of several, the last counts.
create function message_bytes(message bytea, field_tag bigint) returns bytea language sql immutable return
  (select f.bytes from message_fields(message) with ordinality f (tag, number, bytes, place) where f.tag = field_tag order by f.place desc limit 1);

create function message_number(message bytea, field_tag bigint) returns bigint language sql immutable return
  coalesce((select f.number from message_fields(message) with ordinality f (tag, number, bytes, place) where f.tag = field_tag order by f.place desc limit 1), 0);

-- For the rows that are here already; the writer decides by the same rules (EventAlias, JsonbText).
create function alias_of(type bytea) returns bytea language sql immutable return
  case
    when encode(type, 'escape') collate "C" ~ '^[A-Z][A-Za-z0-9]*$'
      then convert_to(lower(regexp_replace(regexp_replace(
        encode(type, 'escape') collate "C", '([^a-z])([^a-z][a-z])', '\1_\2', 'g'), '([a-z])([A-Z0-9])', '\1_\2', 'g')), 'UTF8')
    else decode(replace(regexp_replace(encode(type, 'hex'), '(..)', '\1 ', 'g'), '00 ', 'efbfbd '), 'hex')
  end;

create function is_jsonb(payload bytea) returns boolean language plpgsql immutable as $$
begin
  return not jsonb_path_exists(convert_from(payload, 'UTF8')::jsonb, 'strict $.**{64} ? (@.type() == "array" || @.type() == "object")');
exception when others then
  return false;
end
$$;

alter table events
  add column alias   bytea,        -- the type's name as task_started, in UTF-8 without the character 0
  add column at      timestamptz,  -- as the writer dated it
  add column json_ok boolean;      -- whether the payload can be cast to jsonb; nested deeper than 64 levels counts as not

alter table events  -- one rewrite of the table fills all three
  alter column alias   type bytea       using alias_of(message_bytes(header, 58)),
  alter column at      type timestamptz using 'epoch'::timestamptz + message_number(header, 40) * interval '1 millisecond',
  alter column json_ok type boolean     using is_jsonb(payload),
  alter column alias   set not null,
  alter column at      set not null,
  alter column json_ok set not null;

drop function alias_of;
drop function is_jsonb;
