/** A Bun for tests that run commands as another user. */
import { chmod, copyFile, link, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isOpenToAll } from '../../lib/local/postgres-binaries.ts'

/**
 * A Bun that any user may run: npx, for one, puts its own below a home that is closed to others.
 * @param folder one that is open to all, and removed afterwards
 */
export async function bunForAll(folder: string): Promise<string> {
  const own = process.execPath
  if (await isOpenToAll(own)) return own
  const bun = join(folder, 'bun')
  const { mode } = await stat(own)
  const linked =
    (mode & 0o005) === 0o005 &&
    (await link(own, bun).then(
      () => true,
      () => false, // another file system
    ))
  if (!linked) {
    await copyFile(own, bun)
    await chmod(bun, 0o755)
  }
  return bun
}
