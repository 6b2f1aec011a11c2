/** How many connections a role may still open. */
import type { Reader } from './connect.ts'

export interface FreeConnections {
  /** The limits of the role, its database and the server leave room for so many now. A pooler may have fewer. */
  readonly all: number
  /** The same where half of the server's are left to others. */
  readonly fair: number
}

/** @returns whole numbers, 0 or more @throws the driver's error */
export async function freeConnections(reader: Reader): Promise<FreeConnections> {
  const [row] = await reader.query(`
    with open as (select usename, datname from pg_catalog.pg_stat_activity where backend_type = 'client backend')
    select r.rolconnlimit::int4 as role, (select count(*)::int4 from open where usename = r.rolname) as by_role,
      d.datconnlimit::int4 as database, (select count(*)::int4 from open where datname = d.datname) as in_database,
      current_setting('max_connections')::int4 - current_setting('superuser_reserved_connections')::int4
        - coalesce(current_setting('reserved_connections', true)::int4, 0) as server,
      (select count(*)::int4 from open) as in_server
    from pg_catalog.pg_roles r, pg_catalog.pg_database d
    where r.rolname = session_user and d.datname = current_database()`)
  const number = (name: string) => Number(row?.[name] ?? -1)
  const limits = [
    [number('role'), number('by_role')],
    [number('database'), number('in_database')],
  ] as const
  const left = limits.flatMap(([limit, open]) => (limit < 0 ? [] : [limit - open]))
  const server = number('server') - number('in_server')
  return {
    all: Math.max(0, Math.min(...left, server)),
    fair: Math.max(0, Math.min(...left, Math.floor(server / 2))),
  }
}
