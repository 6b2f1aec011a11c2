/** Why a role is not one to read as: what it may do beside reading. In SQL, so that a printed script can ask it too. */
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteText } from './relation.ts'

/** Roles that come with more than reading: PostgreSQL's own ("Predefined Roles"), and those of hosted services. */
const mighty = [
  ...['pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program'],
  ...['pg_maintain', 'pg_create_subscription', 'pg_database_owner'],
  ...['rds_superuser', 'rds_replication', 'cloudsqlsuperuser', 'alloydbsuperuser', 'azure_pg_admin'],
]

/** What changes rows, or what is done with them. */
const writing = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']

/**
 * A query whose rows are clauses about the role, `owns the table orders`; none: it may only read, or there is no such
 * role. What everybody may do is not held against it; what it may do as a member of another role is, whether it inherits
 * that or not.
 * @param role the role's name as an SQL literal
 */
export function objectionsQuery(role: string): string {
  const words = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')
  return `with recursive held (oid, name, own) as (
    select r.oid, r.rolname::pg_catalog.text, true from pg_catalog.pg_roles r where r.rolname = ${role}
    union
    select g.oid, g.rolname::pg_catalog.text, false
    from held
      join pg_catalog.pg_auth_members m on m.member = held.oid
      join pg_catalog.pg_roles g on g.oid = m.roleid
  ),
  finding (rank, who, own, what) as (
    select 1, held.name, held.own, attribute.what
    from held join pg_catalog.pg_roles r on r.oid = held.oid,
      lateral (values
        (r.rolsuper, 'is a superuser'), (r.rolcreaterole, 'may create roles'), (r.rolcreatedb, 'may create databases'),
        (r.rolreplication, 'may replicate'), (held.own and not r.rolcanlogin, 'may not log in: others are its members')
      ) as attribute (given, what)
    where attribute.given
    union all
    select 2, held.name, held.own, 'may do what ' || held.name || ' may'
    from held where not held.own and held.name in (${words(mighty)})
    union all
    select 3, held.name, held.own, 'owns ' || case
      when d.dbid = here.oid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        then d.objid::pg_catalog.regclass::pg_catalog.text
      when d.classid = 'pg_catalog.pg_database'::pg_catalog.regclass then 'a database'
      when d.dbid = here.oid then 'something else than a table, such as a schema or a function'
      else 'something in another database'
    end
    from held
      join pg_catalog.pg_shdepend d on d.refobjid = held.oid and d.deptype = 'o'
        and d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
      join pg_catalog.pg_database here on here.datname = pg_catalog.current_database()
    union all
    select 4, held.name, held.own, 'may ' || a.privilege_type || ' ' || c.oid::pg_catalog.regclass::pg_catalog.text
    from pg_catalog.pg_class c, lateral pg_catalog.aclexplode(c.relacl) a join held on held.oid = a.grantee
    where c.relowner <> a.grantee
      and (a.privilege_type in (${words(writing)}) or c.relkind = 'S' and a.privilege_type = 'USAGE')
    union all
    select 5, held.name, held.own,
      'may ' || a.privilege_type || ' ' || c.attrelid::pg_catalog.regclass::pg_catalog.text || '.' || c.attname
    from pg_catalog.pg_attribute c, lateral pg_catalog.aclexplode(c.attacl) a join held on held.oid = a.grantee
    where a.privilege_type in (${words(writing)})
    union all
    select 6, held.name, held.own, 'may CREATE in the schema ' || n.nspname
    from pg_catalog.pg_namespace n, lateral pg_catalog.aclexplode(n.nspacl) a join held on held.oid = a.grantee
    where a.privilege_type = 'CREATE' and n.nspowner <> a.grantee
    union all
    select 7, held.name, held.own, 'may CREATE in the database ' || d.datname
    from pg_catalog.pg_database d, lateral pg_catalog.aclexplode(d.datacl) a join held on held.oid = a.grantee
    where a.privilege_type = 'CREATE' and d.datdba <> a.grantee
    union all
    select 8, held.name, held.own, 'may ' || a.privilege_type || ' what others create later, by default privileges'
    from pg_catalog.pg_default_acl d, lateral pg_catalog.aclexplode(d.defaclacl) a join held on held.oid = a.grantee
    where a.grantee <> d.defaclrole and (a.privilege_type in (${words(writing)}, 'CREATE')
      or d.defaclobjtype = 'S' and a.privilege_type = 'USAGE')
  )
  select case when own then what else what || ', as a member of ' || who end as objection
  from finding order by rank, what collate "C"`
}

/** @returns clauses about the role; none: it may only read, or there is no such role */
export async function roleObjections(reader: Reader, role: string): Promise<string[]> {
  try {
    const rows = await reader.query(objectionsQuery(quoteText(role)))
    return [...new Set(rows.map(({ objection }) => String(objection)))]
  } catch (error) {
    throw postgresFailure(error, 'look at the role', role)
  }
}
