/** A copy of this project with other scripts: commands look for scripts beside themselves. */
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/**
 * @param folder where it goes; it is made
 * @param scripts sources by name
 */
export async function makeProject(folder: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, 'scripts'), { recursive: true })
  for (const name of ['lib', 'package.json', 'bun.lock', 'bunfig.toml', 'tsconfig.json']) {
    await cp(join(root, name), join(folder, name), { recursive: true })
  }
  // A folder of its own, as what is kept beside the packages goes with the copy.
  await mkdir(join(folder, 'node_modules'))
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (!name.startsWith('.'))
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  for (const [name, source] of Object.entries(scripts)) {
    await Bun.write(join(folder, `scripts/${name}.ts`), source)
  }
}

/** A script of a table with these columns, as a person would write it. */
export function narrowScript(name: string): string {
  return `#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per ${name}. */
const ${name} = table({
  name: '${name}',
  columns: { id: bigint, name: nullable(text), amount: nullable(numeric(14, 2)), created_at: nullable(timestamp) },
})

export default ${name}

if (import.meta.main) await run(${name})
`
}

/** \`$1\` rows of such a table, in SQL. */
export function createNarrow(name: string, rows: number): string {
  return `
    create table ${name} (id bigint not null, name text, amount numeric(14, 2), created_at timestamp);
    insert into ${name}
    select g, 'name ' || g, g * 1.25, timestamp '2026-01-01' + g * interval '1 minute' from generate_series(1, ${rows}) g;`
}
