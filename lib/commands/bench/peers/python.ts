/** Ways to Arrow in Python, and from there to Parquet by pyarrow. */
import type { Peer } from '../peer.ts'

/** Batches are written as they come. */
const adbc = `
import os, sys
import adbc_driver_postgresql.dbapi as postgres, pyarrow.parquet as parquet
_, table, file = sys.argv
with postgres.connect(os.environ['DATABASE_URL']) as connection, connection.cursor() as cursor:
    cursor.execute('select * from ' + table)
    batches = cursor.fetch_record_batch()
    with parquet.ParquetWriter(file, batches.schema, compression='zstd') as writer:
        for batch in batches:
            writer.write_batch(batch)`

/** It has all rows in memory before the first is written. */
const connectorx = `
import os, sys
import connectorx, pyarrow.parquet as parquet
_, table, file = sys.argv
url = os.environ['DATABASE_URL'].replace('postgres://', 'postgresql://', 1)
rows = connectorx.read_sql(url, 'select * from ' + table, return_type='arrow')
parquet.write_table(rows, file, compression='zstd')`

/** Its table of SQL by Arrow, and its destination of files, which makes a folder of them: of one table, one. */
const dlt = `
import os, sys, tempfile
os.environ |= {'RUNTIME__DLTHUB_TELEMETRY': 'false', 'DATA_WRITER__COMPRESSION': 'zstd'}
import dlt
from dlt.destinations import filesystem
from dlt.sources.sql_database import sql_table
from pathlib import Path
_, table, file = sys.argv
url = os.environ['DATABASE_URL'].replace('postgres://', 'postgresql+psycopg2://', 1)
with tempfile.TemporaryDirectory(dir=os.path.dirname(file)) as folder:
    rows = sql_table(url, table=table, backend='pyarrow', reflection_level='full_with_precision')
    into = filesystem(bucket_url=Path(folder).as_uri())
    load = dlt.pipeline('bench', destination=into, dataset_name='bench', pipelines_dir=os.path.join(folder, 'work'))
    load.run(rows, loader_file_format='parquet')
    [written] = Path(folder, 'bench', table).rglob('*.parquet')
    written.rename(file)`

const ways = [
  { name: 'ADBC, pyarrow', needs: ['adbc_driver_postgresql', 'pyarrow'], program: adbc },
  { name: 'connectorx, pyarrow', needs: ['connectorx', 'pyarrow'], program: connectorx },
  { name: 'dlt', needs: ['dlt', 'sqlalchemy', 'psycopg2', 'pyarrow'], program: dlt },
] as const

/** @param modules those that this Python has */
export function pythonPeers(python: string, modules: readonly string[]): readonly Peer[] {
  return ways
    .filter(({ needs }) => needs.every((name) => modules.includes(name)))
    .map(({ name, program }) => ({ name, command: (table, file) => [python, '-c', program, table, file] }))
}
