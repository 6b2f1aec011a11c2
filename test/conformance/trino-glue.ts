/** Trino's catalogs of somebody's Glue and S3: a coordinator as `trino_reader.py` wants it. */

export interface TrinoGlue {
  /** @returns the ids of all rows as Trino reads them */
  readonly idsOf: (table: string) => Promise<number[]>
  /** @param sql with `<table>` in the place of its name */
  readonly change: (table: string, sql: string) => Promise<void>
  readonly close: () => Promise<void>
}

export interface TrinoColumn {
  readonly name: string
  /** Trino's own name of its type: `decimal(14,2)`. */
  readonly type: string
}

export interface TrinoAnswer {
  readonly columns: readonly TrinoColumn[]
  readonly rows: readonly (readonly unknown[])[]
}

/** Where a catalog leads; undefined: to AWS. */
export interface TrinoPlace {
  readonly glue: string | undefined
  readonly s3: string | undefined
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

interface Page extends Partial<Pick<TrinoAnswer, 'columns'>> {
  readonly nextUri?: string
  readonly data?: readonly (readonly unknown[])[]
  readonly error?: { readonly message: string }
}

const headers = {
  'X-Trino-User': 'conformance',
  'X-Trino-Time-Zone': 'UTC',
  'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
}

/** Integers that a number does not hold stay as they are written. */
function exactly(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value
}

/** @param url of Trino @throws Error in Trino's words */
export async function askTrino(url: string, sql: string): Promise<TrinoAnswer> {
  const rows: (readonly unknown[])[] = []
  let columns: readonly TrinoColumn[] = []
  let response = await fetch(`${url}/v1/statement`, { method: 'POST', body: sql, headers })
  for (;;) {
    const page: Page = JSON.parse(await response.text(), exactly)
    if (page.error !== undefined) throw new Error(`${sql}: ${page.error.message}`)
    columns = page.columns ?? columns
    rows.push(...(page.data ?? []))
    if (page.nextUri === undefined) return { columns, rows }
    response = await fetch(page.nextUri, { headers })
  }
}

/** @param url of Trino @param connector whose tables it shows @returns what drops it again */
export async function createCatalog(
  url: string,
  catalog: string,
  connector: 'iceberg' | 'hive',
  { glue, s3, region, accessKey, secretKey }: TrinoPlace,
): Promise<() => Promise<void>> {
  const properties = {
    ...(connector === 'iceberg'
      ? { 'iceberg.catalog.type': 'glue' }
      : { 'hive.metastore': 'glue', 'hive.timestamp-precision': 'MICROSECONDS' }),
    ...(glue !== undefined && { 'hive.metastore.glue.endpoint-url': glue }),
    'hive.metastore.glue.region': region,
    'hive.metastore.glue.aws-access-key': accessKey,
    'hive.metastore.glue.aws-secret-key': secretKey,
    'fs.native-s3.enabled': 'true',
    ...(s3 !== undefined && { 's3.endpoint': s3, 's3.path-style-access': 'true' }),
    's3.region': region,
    's3.aws-access-key': accessKey,
    's3.aws-secret-key': secretKey,
  }
  const given = Object.entries(properties).map(([key, value]) => `"${key}" = '${value}'`)
  await askTrino(url, `create catalog ${catalog} using ${connector} with (${given.join(', ')})`)
  return async () => void (await askTrino(url, `drop catalog ${catalog}`))
}

/** @param url of Trino @param standIn of S3 and Glue */
export async function connectTrino(url: string, standIn: string): Promise<TrinoGlue> {
  const catalog = `glue_${new URL(standIn).port}`
  const name = (table: string) => `${catalog}.lake."${table}"`
  const keys = { accessKey: 'local', secretKey: 'local', region: 'us-east-1' }
  const close = await createCatalog(url, catalog, 'iceberg', { glue: standIn, s3: standIn, ...keys })
  return {
    idsOf: async (table) => {
      const { rows } = await askTrino(url, `select id from ${name(table)} order by id`)
      return rows.map(([id]) => Number(id))
    },
    change: async (table, sql) => void (await askTrino(url, sql.replaceAll('<table>', name(table)))),
    close,
  }
}
