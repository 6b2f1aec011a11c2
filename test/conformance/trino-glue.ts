/** Trino's catalog of the stand-in's Glue: a coordinator as `trino_reader.py` wants it. */

export interface TrinoGlue {
  /** @returns the ids of all rows as Trino reads them */
  readonly idsOf: (table: string) => Promise<number[]>
  /** @param sql with `<table>` in the place of its name */
  readonly change: (table: string, sql: string) => Promise<void>
  readonly close: () => Promise<void>
}

interface Answer {
  readonly nextUri?: string
  readonly data?: readonly (readonly unknown[])[]
  readonly error?: { readonly message: string }
}

const headers = { 'X-Trino-User': 'conformance' }

async function ask(url: string, sql: string): Promise<(readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = []
  let response = await fetch(`${url}/v1/statement`, { method: 'POST', body: sql, headers })
  for (;;) {
    const answer: Answer = JSON.parse(await response.text())
    if (answer.error !== undefined) throw new Error(`${sql}: ${answer.error.message}`)
    rows.push(...(answer.data ?? []))
    if (answer.nextUri === undefined) return rows
    response = await fetch(answer.nextUri, { headers })
  }
}

/** @param url of Trino @param standIn of S3 and Glue */
export async function connectTrino(url: string, standIn: string): Promise<TrinoGlue> {
  const catalog = `glue_${new URL(standIn).port}`
  const name = (table: string) => `${catalog}.lake."${table}"`
  const keys = { 'aws-access-key': 'local', 'aws-secret-key': 'local' }
  const properties = {
    'iceberg.catalog.type': 'glue',
    'hive.metastore.glue.endpoint-url': standIn,
    'hive.metastore.glue.region': 'us-east-1',
    'fs.native-s3.enabled': 'true',
    's3.endpoint': standIn,
    's3.region': 'us-east-1',
    's3.path-style-access': 'true',
    ...Object.fromEntries(
      Object.entries(keys).flatMap(([key, value]) => [
        [`hive.metastore.glue.${key}`, value],
        [`s3.${key}`, value],
      ]),
    ),
  }
  const given = Object.entries(properties).map(([key, value]) => `"${key}" = '${value}'`)
  await ask(url, `create catalog ${catalog} using iceberg with (${given.join(', ')})`)
  return {
    idsOf: async (table) =>
      (await ask(url, `select id from ${name(table)} order by id`)).map(([id]) => Number(id)),
    change: async (table, sql) => void (await ask(url, sql.replaceAll('<table>', name(table)))),
    close: async () => void (await ask(url, `drop catalog ${catalog}`)),
  }
}
