/** The end of every `--help`. */
export const exitHelp = `
Exit codes:
  0  done
  1  failed, nothing published; a retry may help
  2  wrong flags or environment, access refused, a pinned table, or another source
  3  the declaration and the database or its data disagree
  4  a check, the audit or the volume guard failed
  5  unknown whether it was published; running the load again is safe, and settles it

Environment:
  DATABASE_URL              postgres://user:password@host/database, or PGHOST, PGDATABASE, …
  DATABASE_URL_FILE         a file that holds it, in its place
  PGPASSFILE                a file of passwords, for a URL without one
  DRACULA_DATABASE_AUTH     rds-iam: by IAM token in place of a password (default: password)
  DRACULA_S3_URI            s3://bucket/prefix
  DRACULA_GLUE_DATABASE     where readers find the tables
  DRACULA_STAGING_DATABASE  where loads are audited (default: the former with _staging)
  DRACULA_CRAWLER_ROLE      the crawlers' IAM role (none: no crawling)
  DRACULA_ATHENA_WORKGROUP  (default: primary)
  DRACULA_ATHENA_OUTPUT     s3://… for query results, where the workgroup has no place of its own
  DRACULA_KMS_KEY           id of the key to encrypt with (default: AES256)
  SENTRY_DSN                where failures are sent (none: nowhere), SENTRY_ENVIRONMENT with it
  DRACULA_DEBUG             1: stack traces of unexpected errors
  AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, … as for every AWS SDK
`
