/** Whether a server and this process share the cores of one machine. */
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import type { Backend } from './backend.ts'
import type { Reader } from './connect.ts'

/**
 * A tunnel to another machine has an address of this one, so the process of the connection is looked for as well, where
 * there is a /proc to look in. A server in a container of its own is taken for another machine's.
 */
export async function runsHere(
  { address }: Pick<Reader, 'address'>,
  { pid }: Pick<Backend, 'pid'>,
): Promise<boolean> {
  if (!isOwnAddress(address)) return false
  if (process.platform !== 'linux') return true
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return name.includes('postgres')
}

/** @param address of an interface, or the folder of a socket */
function isOwnAddress(address: string): boolean {
  if (address.startsWith('/') || address === 'localhost' || address.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address))
}
