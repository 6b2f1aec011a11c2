/**
 * Keeps what Bun compiles modules to, beside the packages: the next process need not compile them again. bunfig.toml has
 * this imported before all else. Bun holds what it finds there against the content of the source and against its own
 * version, and a copy that does not fit, or is damaged, is as good as none.
 */
import { lstatSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const project = join(import.meta.dir, '../..')
const packages = join(project, 'node_modules')

// Modules from elsewhere, or of a copy of the project that borrows these packages, would stay when they are long gone.
const own =
  Bun.main.startsWith(`${project}/`) && lstatSync(packages, { throwIfNoEntry: false })?.isDirectory()
// Where that folder cannot be written, as in an image, nothing is kept, and nothing is said of it.
if (own) enableCompileCache(join(packages, '.cache/dracula/compiled'))
