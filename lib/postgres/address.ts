/** Where the connections of a load go: all to one server, though a name may stand for several. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { DatabaseConfig } from '../config/config.ts'

/**
 * Addresses of the host, in the order to try them. The name itself where it is the folder of a socket, or where TLS is
 * only preferred: no client can then tell the server under which name it is looked for.
 * @throws the system's error for a name that is not known
 */
export async function addressesOf({
  host,
  tls,
}: Pick<DatabaseConfig, 'host' | 'tls'>): Promise<readonly string[]> {
  if (host.startsWith('/') || isIP(host) !== 0 || tls.mode === 'prefer') return [host]
  const found = await lookup(host, { all: true })
  return [...new Set(found.map(({ address }) => address))]
}

/** The name that a certificate has to bear, and that a proxy may look for, where the address is another; else undefined. */
export function serverName({ host }: Pick<DatabaseConfig, 'host'>, address: string): string | undefined {
  return host === address || isIP(host) !== 0 ? undefined : host
}
