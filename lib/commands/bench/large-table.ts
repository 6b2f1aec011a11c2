/** What a large table asks of AWS, and how long its snapshot is held, reckoned from one that fits here. */
import postgres from 'postgres'
import { loads } from './contenders.ts'
import { rounded } from './figures-text.ts'
import { measure } from './measure.ts'
import type { Bench } from './parts/part.ts'
import { countRequests, describeRequests, logOf, type Requests } from './requests.ts'

export interface LargeFigures {
  readonly rows: number
  /** In Postgres, and of the files. */
  readonly heap_bytes: number
  readonly bytes: number
  readonly wall_s: number
  readonly requests: Requests
}

export async function measureLarge(bench: Bench): Promise<LargeFigures> {
  const { place, flags, signal, show } = bench
  const target = await place.table('lineitem', flags.rows, 'large')
  const [load] = loads(target, [1], ['--new-source'])
  await measure(load!, place.beside, signal)
  const from = (await logOf(place)).length
  const { seconds, output } = await measure(load!, place.beside, signal)
  const requests = countRequests((await logOf(place)).slice(from))
  const { bytes }: { readonly bytes: number } = JSON.parse(output)
  const sql = postgres(target.url, { max: 1 })
  const [size] = await sql`select pg_table_size('lineitem')::float8 as bytes`
  await sql.end()
  const heap: number = size?.['bytes'] ?? Number.NaN
  const heapRate = heap / seconds / 1e6
  const tenTerabytes = 1e13
  const files = (tenTerabytes * (bytes / heap)) / 2 ** 29
  show(
    `${target.rows.toLocaleString('en')} rows of lineitem, ${rounded(heap / 1e6)} MB in Postgres and ${rounded(bytes / 1e6)} MB of files, in ${rounded(seconds)} s by one connection, ${rounded(heapRate)} MB/s of the table: ${describeRequests(requests)}.\nA table of 10 TB: ${rounded(tenTerabytes / heapRate / 1e6 / 3_600)} h by one connection, ${rounded(tenTerabytes / heapRate / 1e6 / 60 / 100)} min by 100 pods of one each where the server sends as much; ${Math.round(files).toLocaleString('en')} files of 512 MiB, ${Math.round(files * 64).toLocaleString('en')} parts.\n`,
  )
  return { rows: target.rows, heap_bytes: heap, bytes, wall_s: seconds, requests }
}
