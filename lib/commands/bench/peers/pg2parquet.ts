/** pg2parquet, which reads by one connection. */
import type { Peer } from '../peer.ts'

export function pg2parquetPeers(program: string | undefined): readonly Peer[] {
  if (program === undefined) return []
  return [
    {
      name: 'pg2parquet',
      command: (table, file, { PGHOST = '', PGPORT = '', PGUSER = '', PGDATABASE = '' }) => [
        ...[program, 'export', '--host', PGHOST, '--port', PGPORT, '--user', PGUSER, '--dbname', PGDATABASE],
        ...['--table', table, '--output-file', file, '--compression', 'zstd', '--quiet'],
      ],
    },
  ]
}
