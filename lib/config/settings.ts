/**
 * The table of everything that the environment may say. What is not in it cannot be read (see `setting.ts`); `--help` and
 * the README print it, and a test holds them to it.
 */

/** Where queries run that are given no workgroup. */
export const defaultWorkgroup = 'primary'

/** What the database of staged tables is called after that of the readers. */
export const stagingSuffix = '_staging'

interface Setting {
  readonly name: string
  /** Read only beside `name`, or in its place. */
  readonly also?: readonly string[]
  /** Its line in `--help`. */
  readonly help: string
  /** Its line in the README; absent: it has none there. */
  readonly readme?: { readonly name?: string; readonly text: string }
}

export const settings = [
  {
    name: 'DATABASE_URL',
    also: ['PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE', 'PGPASSWORD', 'PGSSLMODE', 'PGSSLROOTCERT'],
    help: 'postgres://user:password@host/database, or PGHOST, PGDATABASE, …',
    readme: {
      name: '`DATABASE_URL`, or `PGHOST` and the other `PG*` variables',
      text: "Postgres 12 to 18. Hosts that are not local are verified (`sslmode=verify-full`) unless the URL's `sslmode` says otherwise; `sslrootcert` names the authority, such as the RDS bundle.",
    },
  },
  {
    name: 'DATABASE_URL_FILE',
    help: 'a file that holds it, in its place',
    readme: { text: 'a file that holds the URL, such as a mounted secret' },
  },
  {
    name: 'PGPASSFILE',
    help: 'a file of passwords, for a URL without one',
    readme: { text: "libpq's password file, readable by its owner alone" },
  },
  {
    name: 'DRACULA_DATABASE_AUTH',
    help: 'rds-iam: by IAM token in place of a password (default: password)',
    readme: {
      text: '`rds-iam`: a signed token for every connection instead of a password; needs TLS and `AWS_REGION`',
    },
  },
  {
    name: 'DATABASE_URL_<SOURCE>',
    help: "the database of scripts with a source: DATABASE_URL_BILLING of source: 'billing'",
    readme: {
      name: '`DATABASE_URL_BILLING`, or `DATABASE_URL_BILLING_FILE`',
      text: "the database of scripts with `source: 'billing'`, by its URL alone: of `PG*`, only `PGPASSFILE` and `PGSSL*` hold for it too; `DRACULA_DATABASE_AUTH_BILLING` is its own",
    },
  },
  {
    name: 'DRACULA_S3_URI',
    help: 's3://bucket/prefix',
    readme: { text: "`s3://bucket/prefix`, where the tables' files go" },
  },
  {
    name: 'DRACULA_GLUE_DATABASE',
    help: 'where readers find the tables',
    readme: { text: 'the database that readers use; created if missing' },
  },
  {
    name: 'DRACULA_STAGING_DATABASE',
    help: `where loads are audited (default: the former with ${stagingSuffix})`,
    readme: { text: `where loads are audited; default: the same name with \`${stagingSuffix}\`` },
  },
  {
    name: 'DRACULA_CRAWLER_ROLE',
    help: "the crawlers' IAM role (none: no crawling)",
    readme: { text: 'role of the Glue crawlers; without it nothing is crawled' },
  },
  {
    name: 'DRACULA_ATHENA_WORKGROUP',
    help: `(default: ${defaultWorkgroup})`,
    readme: { text: `default \`${defaultWorkgroup}\`` },
  },
  {
    name: 'DRACULA_ATHENA_OUTPUT',
    help: 's3://… for query results, where the workgroup has no place of its own',
    readme: { text: "`s3://…/` for query results; default: the workgroup's" },
  },
  {
    name: 'DRACULA_KMS_KEY',
    help: 'id of the key to encrypt with (default: AES256)',
    readme: { text: "encrypts with this key; default: S3's own (AES256)" },
  },
  {
    name: 'DRACULA_HASH_KEY',
    also: ['DRACULA_HASH_KEY_FILE'],
    help: 'what hashed columns are hashed with, or DRACULA_HASH_KEY_FILE, a file that holds it',
    readme: {
      name: '`DRACULA_HASH_KEY`, or `DRACULA_HASH_KEY_FILE`',
      text: 'the key of hashed columns, 32 bytes at the least, the same for all tables; or a file that holds it',
    },
  },
  {
    name: 'DRACULA_ENVIRONMENT',
    help: 'what this installation is called, such as production: in logs and in all that is told',
    readme: {
      text: 'what this installation is called, such as `production`: in logs and in all that is told',
    },
  },
  {
    name: 'DRACULA_WEBHOOK',
    // The last one is not for people: what a program at a terminal starts knows by it that somebody looks on.
    also: ['DRACULA_WEBHOOK_FILE', 'DRACULA_WEBHOOK_FORMAT', 'DRACULA_AT_TERMINAL'],
    help: 'a URL that is told when a table fails and is well again, or DRACULA_WEBHOOK_FILE, a file that holds it',
    readme: {
      name: '`DRACULA_WEBHOOK`, or `DRACULA_WEBHOOK_FILE`',
      text: 'a URL, which is a secret, or a file that holds it: it is told when a table fails and when it is well again, as Slack takes it where it is of Slack or `DRACULA_WEBHOOK_FORMAT=slack`, else in `json`',
    },
  },
  {
    name: 'DRACULA_SNS_TOPIC',
    help: 'ARN of a topic of SNS that is told the same',
    readme: { text: 'ARN of a topic of SNS that is told the same' },
  },
  {
    name: 'DRACULA_METRICS_DIRECTORY',
    help: "the folder of node exporter's textfile collector: a file of metrics for each table",
    readme: { text: "the folder of node exporter's textfile collector: a file of metrics for each table" },
  },
  {
    name: 'SENTRY_DSN',
    also: ['SENTRY_ENVIRONMENT'],
    help: 'where failures are sent (none: nowhere), SENTRY_ENVIRONMENT with it',
    readme: { text: 'where failures are sent, with their context and no secrets; without it nowhere' },
  },
  {
    name: 'OPENLINEAGE_URL',
    also: [
      'OPENLINEAGE_ENDPOINT',
      'OPENLINEAGE_API_KEY',
      'OPENLINEAGE_NAMESPACE',
      'OPENLINEAGE_PARENT_ID',
      'OPENLINEAGE_ROOT_PARENT_ID',
      'OPENLINEAGE_DISABLED',
    ],
    help: 'where OpenLineage events are sent (none: nowhere), OPENLINEAGE_API_KEY and OPENLINEAGE_NAMESPACE with it',
    readme: {
      text: 'where each load is told of in OpenLineage; with it `OPENLINEAGE_API_KEY`, a secret, `OPENLINEAGE_NAMESPACE` of jobs, `OPENLINEAGE_ENDPOINT` and `OPENLINEAGE_PARENT_ID`',
    },
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    also: [
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
      'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
      'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
      'OTEL_TRACES_EXPORTER',
      'OTEL_METRICS_EXPORTER',
      'OTEL_SDK_DISABLED',
      'TRACEPARENT',
    ],
    help: 'where OpenTelemetry is told of each load by HTTP, as in http://collector:4318, and OTEL_* of its SDK',
    readme: {
      text: 'where OpenTelemetry has a trace and metrics of each load, by HTTP, as in `http://collector:4318`; `OTEL_*` as its SDK reads them, `TRACEPARENT` the span that a load is part of',
    },
  },
  {
    name: 'DRACULA_DEBUG',
    help: '1: stack traces of unexpected errors',
  },
] as const satisfies readonly Setting[]

/** What the AWS SDK reads by itself. */
export const sdkSettings = {
  help: 'AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, … as for every AWS SDK',
  readme: {
    name: '`AWS_REGION`, credentials',
    text: "the AWS SDK's own; `AWS_ENDPOINT_URL` redirects them, and `AWS_MAX_ATTEMPTS` is how often a call is made (else 8 times, and 40 where AWS throttles)",
  },
} as const

type Listed = (typeof settings)[number]

/** Every variable that may be read, but for those of sources. */
export type SettingName = Listed['name'] | Extract<Listed, { also: readonly string[] }>['also'][number]

/** A variable of one source alone. */
export type SourceSettingName = `${'DATABASE_URL' | 'DRACULA_DATABASE_AUTH'}_${string}`

/** Every variable of Dracula's own; what only looks like one is a mistake of the typist's. */
export const knownSettings: readonly string[] = settings
  .flatMap(({ name, ...rest }) => [name, ...('also' in rest ? rest.also : [])])
  .filter((name) => name.startsWith('DRACULA_'))
  .toSorted()
