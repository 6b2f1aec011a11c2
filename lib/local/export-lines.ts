/** The lines a shell runs to use the stand-in. */
import type { StandIn } from './stand-in.ts'

/** A proxy too: it would be asked for an address of this machine. Which Postgres is started here leads nobody astray. */
const elsewhere =
  /^(DRACULA_(?!POSTGRES_BINARIES$)\w+|AWS_PROFILE|AWS_SESSION_TOKEN|AWS_ENDPOINT_URL_\w+|(?:HTTPS?|ALL)_PROXY|https?_proxy|all_proxy)$/

/**
 * Shell lines that lead a terminal's scripts to the stand-in, for `eval`. Settings that would lead them
 * elsewhere are unset; a database of the user's own is theirs to name, and its password is not repeated.
 */
export function exportLines(
  standIn: StandIn,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const variables = Object.entries(standIn.variables).filter(
    ([name]) => name !== 'DATABASE_URL' || standIn.postgres !== undefined,
  )
  const astray = Object.keys(environment).filter(
    (name) => elsewhere.test(name) && !(name in standIn.variables),
  )
  const unset = astray.length === 0 ? [] : [`unset ${astray.toSorted().join(' ')}`]
  return [...unset, ...variables.map(([name, value]) => `export ${name}=${quoted(value)}`)].join('\n')
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
