/**
 * What another client may have left in a connection. A pooler that lends one for each transaction (PgBouncer's
 * pool_mode=transaction) lends it with the settings, the role and the temporary tables that whoever had it before has left.
 * Here all that is undone for one transaction alone, as what others rely on is theirs. Where there is no pooler, nothing is.
 */
import { Failure } from '../failure/failure.ts'
import type { Row } from './connect.ts'

/** For a transaction that has just begun. Takes no snapshot. */
export const asRole = 'set local session authorization default; set local role to default'

/** A query for the `name` of each setting of the database's own, as `app.tenant`, that the role or its database have. */
export const settingsOfItsOwn = `
      select distinct pg_catalog.split_part(setting, '=', 1) as name
      from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) as setting
      where s.setdatabase operator(pg_catalog.=) any (array[0,
          (select oid from pg_catalog.pg_database where datname operator(pg_catalog.=) pg_catalog.current_database())]::pg_catalog.oid[])
        and s.setrole operator(pg_catalog.=) any (array[0,
          (select oid from pg_catalog.pg_roles where rolname operator(pg_catalog.=) session_user)]::pg_catalog.oid[])
        and pg_catalog.strpos(pg_catalog.split_part(setting, '=', 1), '.') operator(pg_catalog.>) 0`

/** Settings of each transaction's own, those of the connection alone, and the name by which others know whom it is for. */
const always = [
  ...['transaction_isolation', 'transaction_read_only', 'transaction_deferrable'],
  ...['client_connection_check_interval', 'application_name'],
]

/**
 * A query of one row, for `requireNoTemporary`, that makes settings what they are for the role and its database until the
 * transaction ends. Those of the database's own, as `app.tenant`, are not listed where they are set: the ones that role or
 * database have are known. Takes the transaction's snapshot.
 * @param kept names of settings that stay as they are
 */
export function forgetOthers(kept: readonly string[]): string {
  const stay = [...kept, ...always].map((name) => `'${name}'`).join(', ')
  return `with settings as materialized (select name, source, context from pg_catalog.pg_settings), named as (
      ${settingsOfItsOwn}
    ), changed as materialized (
      select name from settings
      where source operator(pg_catalog.=) 'session' and context operator(pg_catalog.=) 'user'
        and name operator(pg_catalog.<>) all (array[${stay}])
      union all
      select name from named
      where name operator(pg_catalog.<>) all (array(select name from settings))
    )
    select (select pg_catalog.count(pg_catalog.set_config(name, null, true)) from changed) as forgotten,
      case when pg_catalog.pg_my_temp_schema() operator(pg_catalog.<>) 0 then exists (
        select from pg_catalog.pg_class where relnamespace operator(pg_catalog.=) pg_catalog.pg_my_temp_schema()
      ) end as has_temporary`
}

/**
 * A temporary table goes before every other of its name, so it could be read in the place of one that a query names without
 * a schema.
 * @param row of `forgetOthers` @throws Failure (1) where there are some
 */
export function requireNoTemporary(row: Row | undefined, act: string, thing: string): void {
  if (row?.['has_temporary'] !== true) return
  throw new Failure({
    exit: 1,
    act,
    thing,
    reason:
      'another client of the pooler has left temporary tables in this connection, and one of them could be read in the place of a table of the same name',
    advice: 'Try again, or have the pooler clean up after each transaction: server_reset_query_always=1.',
  })
}
