/** Which role is granted reading: one that is asked for by name, never whoever the database is reached as. */
import type { DatabaseConfig } from '../../config/config.ts'
import { commandLine } from '../../failure/command-line.ts'
import { Failure } from '../../failure/failure.ts'
import { openReader } from '../../postgres/connect.ts'
import { roleObjections } from '../../postgres/role-objections.ts'
import { beginStatements } from '../../postgres/session-settings.ts'

/** PostgreSQL cuts longer ones off, and then means another role (PostgreSQL manual, "Identifiers and Key Words"). */
const mostBytes = 63

/** @throws Failure (2) for what no role of one's own can be called */
export function requireRoleName(name: string): string {
  const wrong =
    name === ''
      ? 'it has no name'
      : Buffer.byteLength(name) > mostBytes
        ? `its name has more than ${mostBytes} bytes`
        : /^pg_|^(public|none)$/.test(name) || name.includes('\0')
          ? 'Postgres keeps that name for itself'
          : undefined
  if (wrong === undefined) return name
  throw refused(name, wrong)
}

/**
 * What the role of that name may do in the database beside reading; nothing, if it is not there yet.
 * @throws Failure as Postgres fails
 */
export async function readObjections(
  database: DatabaseConfig,
  role: string,
  signal: AbortSignal,
): Promise<string[]> {
  const reader = await openReader(database, { applicationName: 'dracula/policies', signal })
  try {
    await reader.query(beginStatements({ isolation: 'read committed', deadlineMs: 60_000 }))
    return await roleObjections(reader, role)
  } finally {
    await reader.close()
  }
}

/** @throws Failure (2) unless there are none */
export function refuseObjections(role: string, objections: readonly string[]): void {
  const [first] = objections
  if (first === undefined) return
  throw refused(
    role,
    objections.length === 1 ? `it ${first}` : `it ${first}, and ${objections.length - 1} more`,
  )
}

function refused(thing: string, reason: string): Failure {
  return new Failure({
    exit: 2,
    act: 'grant reading to the role',
    thing,
    reason,
    advice: `Name a role that has no other work, which need not be there yet: ${commandLine('policies postgres-role --role dracula_reader')}`,
  })
}
