-- The role that loads and checks read as. Run it as an owner of the tables, and again whenever scripts read more.
-- It has no password yet: give it one with \password in psql, or grant it rds_iam where AWS signs for it.
begin;
-- Nobody else's functions and operators: this may be run as a superuser.
set local search_path to pg_catalog;
set local standard_conforming_strings to on;

do $role$
#variable_conflict use_column
declare
  role constant text := <role text>;
  objection text;
  whole text;
begin
  -- One that may do more than read is somebody else's, such as the application's own: it stays as it is.
  for objection in
    <objections>
  loop
    raise exception 'The role % is not one to read as: it %.', role, objection
      using hint = 'Print this again with --role and the name of a role that has no other work.';
  end loop;

  -- What follows takes whole tables away and gives the columns that scripts read, which another program would miss.
  select min(c.oid::pg_catalog.regclass::pg_catalog.text collate "C") into whole
  from pg_catalog.pg_roles r
    join pg_catalog.pg_class c on c.oid in (<relations>)
    join lateral pg_catalog.aclexplode(c.relacl) a on a.grantee = r.oid and a.privilege_type = 'SELECT'
  where r.rolname = role
    and not coalesce('default_transaction_read_only=on' = any (r.rolconfig), false);
  if whole is not null then
    raise exception 'The role % may read all of %, and would be left the columns that scripts read.', role, whole
      using hint = pg_catalog.format(
        'Print this again with --role and the name of a role that has no other work, or if it has none: alter role %I set default_transaction_read_only = on', role);
  end if;

  if not exists (select from pg_catalog.pg_roles where rolname = role) then
    -- One connection for each load of `bun run all --parallel`, some more where one reads over several, five for all checks.
    execute pg_catalog.format('create role %I login connection limit 10', role);
    execute pg_catalog.format('alter role %I set default_transaction_read_only = on', role);
    -- Of whatever else somebody runs as this role: a load sets its own deadline.
    execute pg_catalog.format('alter role %I set statement_timeout = %L', role, '1h');
    execute pg_catalog.format('alter role %I set idle_in_transaction_session_timeout = %L', role, '10min');
  end if;
  execute pg_catalog.format('grant connect on database %I to %I', pg_catalog.current_database(), role);
end
$role$;

<grants>

-- A load over several connections slices a table by where its rows are stored, which says nothing of what is in them.
do $places$
#variable_conflict use_column
declare
  stored regclass;
begin
  for stored in
    select c.oid::pg_catalog.regclass from pg_catalog.pg_class c
    where c.oid in (<sliced>) and c.relkind in ('r', 'p', 'm')
  loop
    execute pg_catalog.format('grant select (ctid) on table %s to %I', stored, <role text>);
  end loop;
end
$places$;

-- What conditions, queries and views read beside these columns only Postgres knows: it says what it grants.
do $reads$
#variable_conflict use_column
declare
  role constant text := <role text>;
  read record;
  need record;
  path text;
begin
  for read in
    <reads>
  loop
    -- Names are those that the role itself will find.
    select coalesce(
      (select pg_catalog.substr(s.setting, 13)
       from pg_catalog.pg_db_role_setting r, pg_catalog.unnest(r.setconfig) as s (setting)
       where s.setting like 'search\_path=%'
         and r.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = role))
         and r.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
       order by r.setrole = 0, r.setdatabase = 0 limit 1),
      (select boot_val from pg_catalog.pg_settings where name = 'search_path')) into path;
    perform pg_catalog.set_config(
      'search_path', pg_catalog.replace(path, '"$user"', pg_catalog.quote_ident(role)), true);
    begin
      execute 'create temporary view dracula_reads as select 1 as one from (' || read.sql || E'\n) as source';
    exception when others then
      raise exception '%: %', read.place, sqlerrm;
    end;
    perform pg_catalog.set_config('search_path', 'pg_catalog', true);

    for need in
      -- The view made above, and all views below it.
      with recursive seen (oid) as (
        select 'pg_temp.dracula_reads'::regclass::oid
        union
        select c.oid
        from seen
          join pg_rewrite w on w.ev_class = seen.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
          join pg_class c on c.oid = d.refobjid and c.relkind = 'v'
      ),
      reference as (
        select seen.oid as by, seen.oid = 'pg_temp.dracula_reads'::regclass as direct, d.refclassid, d.refobjid, d.refobjsubid
        from seen
          join pg_rewrite w on w.ev_class = seen.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refobjid <> seen.oid
      ),
      -- A view reads with its owner's rights, unless it is one that reads with those of whoever asks.
      own as (
        select r.* from reference r
        where r.direct or exists (
          select from pg_class c, pg_options_to_table(c.reloptions) o
          where c.oid = r.by and o.option_name = 'security_invoker' and o.option_value::boolean
        )
      ),
      -- A row as a value, to_json(orders), is all its columns, and depends on none: the parsed query alone marks it, as
      -- attribute 0 of those selected, which are counted from 7 below it.
      whole as (
        select m.found[1]::oid as oid
        from pg_rewrite w, regexp_matches(w.ev_action::text, ':relid (\d+) [^{}]*?:selectedCols \(b((?: \d+)*)\)', 'g') as m (found)
        where w.ev_class in (select own.by from own) and ' 7 ' = any (select ' ' || each || ' ' from regexp_split_to_table(btrim(m.found[2]), ' ') each)
      ),
      read_column as (
        select c.oid, a.attname
        from whole join pg_class c on c.oid = whole.oid join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        union
        select c.oid, a.attname
        from own
          join pg_class c on own.refclassid = 'pg_class'::regclass and c.oid = own.refobjid and c.relkind in ('r', 'p', 'v', 'm', 'f')
          join pg_attribute a on a.attrelid = c.oid and a.attnum = case
            -- The rows alone, as count(*) reads them, need some column or other.
            when own.refobjsubid = 0 then (
              select min(f.attnum) from pg_attribute f where f.attrelid = c.oid and f.attnum > 0 and not f.attisdropped)
            else own.refobjsubid end
        where own.refobjsubid <> 0 or not exists (
          select from own more where more.refclassid = own.refclassid and more.refobjid = own.refobjid and more.refobjsubid <> 0)
      ),
      called as (
        select refobjid as oid from reference where refclassid = 'pg_proc'::regclass
        union
        select o.oprcode::oid from reference join pg_operator o on o.oid = refobjid where refclassid = 'pg_operator'::regclass
      ),
      named (schema) as (
        select c.relnamespace from reference r join pg_class c on r.refclassid = 'pg_class'::regclass and c.oid = r.refobjid where r.direct
        union select p.pronamespace from reference r join pg_proc p on r.refclassid = 'pg_proc'::regclass and p.oid = r.refobjid where r.direct
        union select t.typnamespace from reference r join pg_type t on r.refclassid = 'pg_type'::regclass and t.oid = r.refobjid where r.direct
        union select o.oprnamespace from reference r join pg_operator o on r.refclassid = 'pg_operator'::regclass and o.oid = r.refobjid where r.direct
      )
      select format('grant select (%s) on table %s to %I', string_agg(distinct quote_ident(attname), ', '), oid::regclass, role) as sql
      from read_column
      where not has_column_privilege(role, oid, attname, 'select')
      group by oid
      union all
      select format('grant execute on function %s to %I', oid::regprocedure, role)
      from called where not has_function_privilege(role, oid, 'execute')
      union all
      select format('grant usage on schema %I to %I', n.nspname, role)
      from named join pg_namespace n on n.oid = named.schema
      where n.nspname !~ '^pg_' and not has_schema_privilege(role, n.oid, 'usage')
      order by 1
    loop
      raise notice '%: %', read.place, need.sql;
      execute need.sql;
    end loop;
    drop view pg_temp.dracula_reads;
  end loop;
end
$reads$;

commit;
