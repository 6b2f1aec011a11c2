/** Which other programs that take a table to Parquet are here: on PATH, or in a folder such as a Python venv. */
import { stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Failure } from '../../failure/failure.ts'
import type { Peer } from './peer.ts'
import { duckdbPeers } from './peers/duckdb.ts'
import { pg2parquetPeers } from './peers/pg2parquet.ts'
import { pythonPeers } from './peers/python.ts'
import { slingPeers } from './peers/sling.ts'

const programs = ['duckdb', 'pg2parquet', 'sling', 'python3'] as const

/** Where programs are looked for. */
export function peersPath(folder: string | undefined): string {
  const path = process.env['PATH'] ?? ''
  return folder === undefined ? path : [join(folder, 'bin'), folder, path].join(delimiter)
}

/**
 * @param folder `--peers`: its programs, or those in its `bin`, win over those on PATH
 * @throws Failure (2) when it is no folder, or has none of the programs
 */
export async function findPeers(folder: string | undefined): Promise<readonly Peer[]> {
  const PATH = peersPath(folder)
  const [duckdb, pg2parquet, sling, python] = programs.map((name) => Bun.which(name, { PATH }) ?? undefined)
  if (folder !== undefined) {
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    )
    if (
      !isFolder ||
      ![duckdb, pg2parquet, sling, python].some((program) => program?.startsWith(join(folder, '/')))
    ) {
      throw new Failure({
        exit: 2,
        act: 'find peers in',
        thing: folder,
        reason: isFolder
          ? `it has no ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(programs)}`
          : 'there is no such folder',
        advice: 'Give a folder with one of them, or with a bin that has one, such as a Python venv.',
      })
    }
  }
  const modules = python === undefined ? [] : await modulesOf(python)
  return [
    ...duckdbPeers(duckdb, modules.includes('duckdb') ? python : undefined),
    ...(python === undefined ? [] : pythonPeers(python, modules)),
    ...pg2parquetPeers(pg2parquet),
    ...slingPeers(sling),
  ]
}

/** Which of the modules that peers are made of this Python has. */
async function modulesOf(python: string): Promise<readonly string[]> {
  const names = ['duckdb', 'connectorx', 'adbc_driver_postgresql', 'pyarrow', 'dlt', 'sqlalchemy', 'psycopg2']
  const program = `
import importlib.util
print(*[name for name in ${JSON.stringify(names)} if importlib.util.find_spec(name)])`
  const child = Bun.spawn([python, '-c', program], { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' })
  return (await child.stdout.text()).trim().split(' ')
}
