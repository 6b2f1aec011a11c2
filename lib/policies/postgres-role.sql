-- The role that loads and checks read as. Run it as an owner of the tables, and again whenever scripts name new ones.
-- It has no password yet: give it one with \password in psql, or grant it rds_iam where AWS signs for it.
begin;

do $create$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = <role text>) then
    execute format('create role %I login', <role text>);
  end if;
end
$create$;

-- One for each load of `bun run all --parallel`, five for all checks together.
alter role <role> connection limit 10;
alter role <role> set default_transaction_read_only = on;
-- Of whatever else somebody runs as this role: a load sets its own deadline.
alter role <role> set statement_timeout = '1h';
alter role <role> set idle_in_transaction_session_timeout = '10min';

grant connect on database <database> to <role>;
<grants>
commit;
