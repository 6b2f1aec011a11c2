/** Postgres refuses to run as root, so root has to run it as somebody else. */
import { readFile } from 'node:fs/promises'
import { Failure } from '../failure/failure.ts'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * The account a server must run as: none when this process is not root, else `nobody`, else any other of
 * /etc/passwd (initdb wants one that is listed there).
 * @throws Failure (2) when root is the only account
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').flatMap(parse)
  const account = accounts.find(({ name }) => name === 'nobody') ?? accounts[0]
  if (account !== undefined) return account
  throw new Failure({
    exit: 2,
    act: 'start',
    thing: 'the embedded Postgres',
    reason: 'it does not run as root, and /etc/passwd lists nobody else',
    advice: 'Run this as another user.',
  })
}

/** `name:password:uid:gid:…`, passwd(5). */
function parse(line: string): Account[] {
  const [name = '', , uid, gid] = line.split(':')
  const account = { name, uid: Number(uid), gid: Number(gid) }
  return account.uid > 0 && account.gid > 0 ? [account] : []
}
