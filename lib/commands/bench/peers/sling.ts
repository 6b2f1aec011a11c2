/** Sling, which hands rows as CSV to the program of DuckDB, and that writes Parquet. */
import type { Peer } from '../peer.ts'

export function slingPeers(program: string | undefined): readonly Peer[] {
  if (program === undefined) return []
  return [
    {
      name: 'Sling',
      // The URL stays in the environment, where Sling looks for a connection by the name of a variable.
      command: (table, file) => [
        ...['/bin/sh', '-c', run, program, 'run', '--src-conn', 'DATABASE_URL'],
        ...['--src-stream', `public.${table}`, '--tgt-object', `file://${file}`],
        ...['--tgt-options', '{compression: zstd}'],
      ],
    },
  ]
}

/** Its driver wants TLS unless it is told otherwise, which the server of a bench does not have. */
const run =
  'export SLING_DISABLE_TELEMETRY=TRUE DATABASE_URL="$DATABASE_URL?sslmode=disable" && exec "$0" "$@"'
