/** In which order `bun run all` loads: a table comes after those that its rows are expected to refer to. */
import { scriptFile } from '../../declare/find-tables.ts'

export interface Ordered {
  readonly table: string
  /** Those that it waits for, which all come before it. */
  readonly after: readonly string[]
}

/**
 * The order in which no table waits for one that comes later, else that of the names. Scripts are not run for it: what they
 * refer to is read in their text. Tables that refer to one another in a circle wait for none of it:
 * each is held to what readers see of the others then, so what is new in two of them at once is missing, and belongs under
 * `warn`.
 */
export async function inOrder(names: readonly string[]): Promise<Ordered[]> {
  const texts = await Promise.all(
    names.map(
      async (name) =>
        [
          name,
          await Bun.file(scriptFile(name))
            .text()
            .catch(() => ''),
        ] as const,
    ),
  )
  return orderOf(new Map(texts.map(([name, text]) => [name, referencesIn(text)])))
}

/** The tables that `references: { customer_id: 'customers.id' }` names, also where it is no more than a comment. */
export function referencesIn(script: string): string[] {
  const blocks = [...script.matchAll(/\breferences:\s*\{([^}]*)\}/g)].map(([, block = '']) => block)
  const named = blocks.flatMap((block) => [...block.matchAll(/['"`](\w+)\.\w+['"`]/g)])
  return [...new Set(named.map(([, table = '']) => table))]
}

/** @param references of each table; those that are not loaded count for nothing */
export function orderOf(references: ReadonlyMap<string, readonly string[]>): Ordered[] {
  const direct = (table: string) => (references.get(table) ?? []).filter((each) => references.has(each))
  const reach = new Map([...references.keys()].map((table) => [table, reachable(table, direct)]))
  const after = (table: string) =>
    direct(table).filter((each) => each !== table && reach.get(each)?.has(table) !== true)
  // A table and all that it comes after, however indirectly, are more than any of these has, but in a circle.
  const depth = (table: string) => new Set([table, ...(reach.get(table) ?? [])]).size
  return [...references.keys()]
    .toSorted((one, other) => depth(one) - depth(other))
    .map((table) => ({ table, after: after(table) }))
}

function reachable(from: string, direct: (table: string) => readonly string[]): ReadonlySet<string> {
  // Grows as it is gone through.
  const found = new Set(direct(from))
  for (const each of found) for (const next of direct(each)) found.add(next)
  return found
}
