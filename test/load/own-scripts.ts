import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import * as vocabulary from '../../lib/table.ts'

const root = join(import.meta.dir, '../..')

export interface OwnScripts {
  /**
   * Writes the script of a table, or writes it anew.
   * @param columns as they stand in a script: `id: integer, name: nullable(text),`
   * @param more of table()'s options: `where: 'id > 1'`
   * @returns its path as the stand-in's `start` takes it
   */
  write(table: string, columns: string, more?: string): Promise<string>
  close(): Promise<void>
}

/** Scripts of a test file's own, in a temporary folder: each declares what its test wants declared. */
export async function openScripts(): Promise<OwnScripts> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-scripts-'))
  const module = (name: string) => JSON.stringify(join(root, 'lib', name))
  return {
    async write(table, columns, more = '') {
      const path = join(folder, `${table}.ts`)
      await Bun.write(
        path,
        `import { run } from ${module('run.ts')}
import { ${Object.keys(vocabulary).join(', ')} } from ${module('table.ts')}
await run(table({ name: '${table}', columns: { ${columns} }, ${more} }))
`,
      )
      return relative(root, path)
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
