/** Which functions a query calls that may give other values each time they are called. */
import type { Reader } from './connect.ts'
import { quoteText } from './relation.ts'

/** A name, and the schema's before it where that is not searched; of a function, as a parenthesis follows. */
const called = /(?:("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\.)?("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\(/gu

/** A constant of a plan, which may have the looks of anything; it never has an E before it, so a backslash is one. */
const constant = /'(?:[^']|'')*'/g

/**
 * Asks for the plan, in which views are their queries. What a function calls in its body stays unknown, but it is volatile
 * itself unless its author says otherwise. To be called under the settings that the query is read under.
 * @returns as `random()`, `app.draw()`; and `TABLESAMPLE`, where it is not repeatable
 * @throws the driver's error
 */
export async function volatileFunctions(reader: Reader, query: string): Promise<string[]> {
  const plan = await planOf(reader, query)
  const found = await functionsIn(
    reader,
    plan,
    `p.provolatile operator(pg_catalog.=) 'v'
         -- Stable, which is for a statement: a load has several.
         or p.oid operator(pg_catalog.=) 'pg_catalog.statement_timestamp'::pg_catalog.regproc`,
  )
  return [...found, ...samplesOf(plan)]
}

/**
 * What a query has that may give other rows or values to each of several sessions, though all see one snapshot: besides
 * what is volatile, the time at which a transaction began, what only one session knows, functions of the database's own
 * that say no more than that they are stable, what picks rows in an order that may leave several equal, and what another
 * server has, which gives each session a snapshot of its own.
 * @returns as `now()`, `CURRENT_DATE`, `app.today()`, `LIMIT`, `'today'`
 * @throws the driver's error
 */
export async function sessionDependent(reader: Reader, query: string): Promise<string[]> {
  const plan = await planOf(reader, query)
  const found = await functionsIn(
    reader,
    plan,
    `p.provolatile operator(pg_catalog.=) 'v'
         or p.provolatile operator(pg_catalog.=) 's' and (
           n.nspname operator(pg_catalog.<>) 'pg_catalog'
           or p.proname operator(pg_catalog.~) '^(now|(transaction|statement)_timestamp|pg_backend_pid|inet_(client|server)_.*|pg_stat_get_.*)$'
         )`,
  )
  const words = plan
    .replace(constant, "''")
    .match(/\b(?:CURRENT_(?:DATE|TIME|TIMESTAMP)|LOCALTIME(?:STAMP)?)\b/g)
  const picks = Object.entries(picking).filter(([, node]) => node.test(plan))
  const moments = [...query.matchAll(moment)].map(([, word]) => `'${word?.toLowerCase()}'`)
  const named = picks.map(([name]) => name)
  return [...new Set([...found, ...(words ?? []), ...moments, ...samplesOf(plan), ...named])]
}

/**
 * Aggregates of a query whose value hangs on the order that rows come to them in, which they do not say: where several
 * processes of the server share a plan, it is another each time.
 * @returns as `array_agg()` @throws the driver's error
 */
export async function unorderedAggregates(reader: Reader, query: string): Promise<string[]> {
  const plan = await planOf(reader, query)
  return functionsIn(
    reader,
    plan.replace(constant, "''").replace(ordered, ''),
    `p.prokind operator(pg_catalog.=) 'a' and (
       n.nspname operator(pg_catalog.<>) 'pg_catalog'
       or p.proname operator(pg_catalog.~) '^(array_agg|any_value|string_agg|xmlagg|jsonb?_(object_)?agg.*)$'
     )`,
  )
}

/** A call as far as its order. */
const ordered = /[\p{L}_"][\p{L}\p{N}_$."]*\([^()]*ORDER BY/gu

/** Words for a time (PostgreSQL manual, "Special Values"), which a plan has as the moment that it was made. */
const moment = /'\s*(now|today|tomorrow|yesterday)\b/giu

/** Nodes of a plan. A DISTINCT alone makes a Unique too, and is none the worse for one session. */
const picking: Readonly<Record<string, RegExp>> = {
  LIMIT: /^\s*(?:->\s+)?Limit\b/m,
  'a window function': /^\s*(?:->\s+)?WindowAgg\b/m,
  'DISTINCT ON': /^\s*(?:->\s+)?Unique\b/m,
  'a foreign table': /^\s*(?:->\s+)?(?:Async )?Foreign Scan\b/m,
}

async function planOf(reader: Reader, query: string): Promise<string> {
  const rows = await reader.query(`explain (verbose, costs off) ${query}`)
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n')
}

function samplesOf(plan: string): string[] {
  return /^\s*Sampling: (?!.*REPEATABLE)/m.test(plan) ? ['TABLESAMPLE'] : []
}

/** @param which in SQL, which of them, of `p` in pg_proc and `n` in pg_namespace */
async function functionsIn(reader: Reader, plan: string, which: string): Promise<string[]> {
  const names = new Map<string, string>()
  for (const [, schema, name = ''] of plan.replace(constant, "''").matchAll(called)) {
    names.set(`${schema ?? ''}.${name}`, `(${literal(schema)}, ${literal(name)})`)
  }
  if (names.size === 0) return []
  const found = await reader.query(
    `select distinct pg_catalog.concat(c.schema operator(pg_catalog.||) '.', p.proname, '()') as name
     from (values ${[...names.values()].join(', ')}) as c (schema, name)
       join pg_catalog.pg_proc p on p.proname operator(pg_catalog.=) c.name
       join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) p.pronamespace
     where (${which})
       and case when c.schema is null then pg_catalog.pg_function_is_visible(p.oid)
         else n.nspname operator(pg_catalog.=) c.schema end
     order by 1`,
  )
  return found.map(({ name }) => String(name))
}

function literal(name: string | undefined): string {
  if (name === undefined) return 'null::pg_catalog.name'
  const plain = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
  return `${quoteText(plain)}::pg_catalog.name`
}
