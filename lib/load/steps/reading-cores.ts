/** How many cores of this machine are for reading a table. */
import { availableCores } from '../../concurrency/cores.ts'
import type { Table } from '../../declare/table.ts'
import type { Reader } from '../../postgres/connect.ts'
import { runsHere } from '../../postgres/same-machine.ts'
import type { Snapshot } from '../../postgres/snapshot.ts'
import { computes } from '../../transform/transform.ts'

export interface ReadingCores {
  /** 1 or more. With one, a second thread would only compile the same code once more. */
  readonly cores: number
  /** Why there are no more, in a clause. */
  readonly why: string
}

/**
 * A server on the same machine works about as long on a row as this process does, and half of the cores are its own. Where
 * functions of a script see each row, this process works far longer.
 * @param among the cores that the process may use; undefined: as many as there are
 */
export async function readingCores(
  table: Table,
  {
    reader,
    snapshot,
  }: { readonly reader: Pick<Reader, 'address'>; readonly snapshot: Pick<Snapshot, 'backend'> },
  among: number | undefined,
): Promise<ReadingCores> {
  const all = among ?? (await availableCores())
  if (all === 1) return { cores: 1, why: 'there is one core' }
  if (computes(table) || !(await runsHere(reader, snapshot.backend))) {
    return { cores: all, why: `there are ${all} cores` }
  }
  return { cores: Math.max(1, all >> 1), why: `the server works on the same ${all} cores` }
}
