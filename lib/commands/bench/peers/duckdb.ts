/** DuckDB with its postgres extension: by its own program, or by its Python module. */
import type { Peer } from '../peer.ts'

/** One thread reads by one connection. */
const threads = [1, 2]

export function duckdbPeers(duckdb: string | undefined, python: string | undefined): readonly Peer[] {
  if (duckdb === undefined && python === undefined) return []
  return threads.map((count) => ({
    name: `DuckDB, ${count === 1 ? '1 connection' : `${count} connections`}`,
    command: (table, file) =>
      duckdb === undefined
        ? [python ?? '', '-c', program, copy(table, file, count)]
        : [duckdb, '-bail', '-c', `load postgres; ${copy(table, file, count)}`],
  }))
}

function copy(table: string, file: string, count: number): string {
  return `
    set threads = ${count};
    attach '' as source (type postgres, read_only);
    copy (from source.public.${table}) to '${file.replaceAll("'", "''")}' (format parquet, compression zstd);`
}

/** The extension may be installed for DuckDB, or lie in a package of its own beside the module. */
const program = `
import duckdb, glob, importlib.util, os, sys
connection = duckdb.connect(config={'autoinstall_known_extensions': False})
try:
    connection.execute('load postgres')
except duckdb.Error:
    found = importlib.util.find_spec('duckdb_extension_postgres_scanner')
    if found is None:
        sys.exit('its postgres extension is not installed')
    folder = os.path.dirname(found.origin)
    [extension] = glob.glob(os.path.join(folder, '**', '*.duckdb_extension'), recursive=True)
    connection.execute("load '" + extension + "'")
connection.execute(sys.argv[1])`
