/** Trino reads tables by its Hive and Iceberg catalogs, made for a run and dropped again. */

import type { Rows } from '../read-back.ts'
import { askTrino, createCatalog, type TrinoPlace } from '../trino-glue.ts'
import { floatText, rowText } from './texts.ts'

export interface TrinoTable {
  readonly name: string
  readonly iceberg: boolean
}

/** @returns rows by table, and its version */
export async function readWithTrino(
  url: string,
  place: TrinoPlace,
  database: string,
  tables: readonly TrinoTable[],
): Promise<{ readonly version: string; readonly rows: ReadonlyMap<string, Rows> }> {
  const drops: (() => Promise<void>)[] = []
  try {
    for (const connector of ['hive', 'iceberg'] as const)
      drops.push(await createCatalog(url, `${database}_${connector}`, connector, place))
    const found = new Map<string, Rows>()
    for (const { name, iceberg } of tables) {
      const table = `${database}_${iceberg ? 'iceberg' : 'hive'}.${database}."${name}"`
      const { columns, rows } = await askTrino(url, `select * from ${table} order by id`)
      found.set(
        name,
        rows.map((row) => rowText(row.map((value, at) => textOf(columns[at]?.type ?? '', value)))),
      )
    }
    const { rows } = await askTrino(url, 'select version()')
    return { version: String(rows[0]?.[0]), rows: found }
  } finally {
    for (const drop of drops) await drop()
  }
}

/** @param type Trino's name of it @param value as its protocol has it in JSON */
function textOf(type: string, value: unknown): string | null {
  if (value === null || value === undefined) return null
  const [, element] = /^array\((.*)\)$/.exec(type) ?? []
  if (element !== undefined && Array.isArray(value))
    return JSON.stringify(value.map((each) => textOf(element, each)))
  if (type === 'varbinary') return Buffer.from(String(value), 'base64').toString('hex')
  if (type === 'real') return floatText(Math.fround(Number(value)))
  if (type === 'double') return floatText(Number(value))
  if (type === 'date') return String(Date.parse(`${value}T00:00:00Z`) / 86_400_000)
  if (type.startsWith('timestamp')) return microseconds(String(value))
  return String(value)
}

/** `2026-03-29 01:01:00.000001 UTC` */
function microseconds(text: string): string {
  const [, day, time, fraction = ''] = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(text) ?? []
  const seconds = BigInt(Date.parse(`${day}T${time}Z`)) / 1000n
  return String(seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)))
}
