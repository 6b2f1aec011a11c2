/** A table in ranges of the blocks that its rows are stored in, of which each row of a snapshot is in exactly one. */
import type { Reader } from './connect.ts'
import { quoteRelation, quoteText, type Relation } from './relation.ts'

/** How many blocks each relation has that holds rows of the table: its own, its partitions' or its children's. */
export type Blocks = readonly { readonly blocks: number; readonly relations: number }[]

/** PostgreSQL 14 and later find a range of blocks without reading the others. */
const leastVersion = 140_000

/**
 * The sizes are those of now: a row that the snapshot sees may be in a block that was added since, but no boundary hangs
 * on that, as the last range has no end.
 * @returns in a clause, why it cannot be read so
 * @throws the driver's error
 */
export async function readBlocks(
  reader: Reader,
  relation: Relation,
  serverVersion: number,
): Promise<Blocks | string> {
  if (serverVersion < leastVersion) {
    const major = Math.floor(serverVersion / 10_000)
    return `PostgreSQL ${major} has no TID range scans, which ${leastVersion / 10_000} has: sliceBy of its script names a column to share it out by`
  }
  const { schema, name } = relation
  const rows = await reader.query(`
    with recursive tree as (
      select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${quoteText(schema)} and c.relname = ${quoteText(name)}
      union
      select i.inhrelid from tree join pg_catalog.pg_inherits i on i.inhparent = tree.oid
    ),
    part as (
      select c.oid::pg_catalog.regclass::text as name, c.relkind, coalesce(m.amname, 'heap') as method,
        pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int8 as blocks
      from tree join pg_catalog.pg_class c on c.oid = tree.oid left join pg_catalog.pg_am m on m.oid = c.relam
      where c.relkind <> 'p'
    )
    select blocks::float8, count(*)::float8 as relations,
      min(name) filter (where relkind not in ('r', 'm') or method <> 'heap') as other,
      pg_catalog.has_column_privilege(${quoteText(quoteRelation(relation))}, 'ctid', 'select') as allowed
    from part group by blocks`)
  const other = rows.find((row) => row['other'] !== null)?.['other']
  if (other !== undefined) return `${other} is not stored as an ordinary table is`
  if (rows.some((row) => row['allowed'] !== true)) {
    return `the role may not read where rows are stored: grant select (ctid) on ${schema}.${name} to it`
  }
  return rows.map((row) => ({ blocks: Number(row['blocks'] ?? 0), relations: Number(row['relations']) }))
}

/**
 * Conditions in SQL, at most `wanted` of them. A block's number means the same in each of the relations, and the ranges
 * have as many blocks in all of them together.
 */
export function blockRanges(sizes: Blocks, wanted: number): string[] {
  const bounds = boundsOf(sizes, wanted)
  const at = (block: number) => `'(${block},0)'::pg_catalog.tid`
  return [undefined, ...bounds].map((from, index) => {
    const to = bounds[index]
    return [
      ...(from === undefined ? [] : [`ctid operator(pg_catalog.>=) ${at(from)}`]),
      ...(to === undefined ? [] : [`ctid operator(pg_catalog.<) ${at(to)}`]),
    ].join(' and ')
  })
}

/** The blocks that ranges but the first begin with, each greater than the one before. */
function boundsOf(sizes: Blocks, wanted: number): number[] {
  const total = sizes.reduce((sum, { blocks, relations }) => sum + blocks * relations, 0)
  const below = (bound: number) =>
    sizes.reduce((sum, { blocks, relations }) => sum + Math.min(blocks, bound) * relations, 0)
  const largest = Math.max(0, ...sizes.map(({ blocks }) => blocks))
  const bounds: number[] = []
  for (let slice = 1; slice < wanted; slice++) {
    // The least block that has this share of all below it.
    let [low, high] = [1, largest]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (below(middle) * wanted >= total * slice) high = middle
      else low = middle + 1
    }
    if (low < largest && low > (bounds.at(-1) ?? 0)) bounds.push(low)
  }
  return bounds
}
