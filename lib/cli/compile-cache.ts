/**
 * Keeps what Bun compiles modules to, beside the packages: the next process need not compile them again. bunfig.toml has
 * this imported before all else, and so does the command `dracula`. Bun holds what it finds there against the content of
 * the source and against its own version, and a copy that does not fit, or is damaged, is as good as none.
 */
import { lstatSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { dirname, join } from 'node:path'

const own = join(import.meta.dir, '../..')
/** The packages of the project that has Dracula among them, or Dracula's own. */
const packages = dirname(own).endsWith('/node_modules') ? dirname(own) : join(own, 'node_modules')

// Modules from elsewhere, or of a copy of the project that borrows these packages, would stay when they are long gone.
const isOfProject =
  Bun.main.startsWith(`${dirname(packages)}/`) &&
  lstatSync(packages, { throwIfNoEntry: false })?.isDirectory()
// Where that folder cannot be written, as in an image, nothing is kept, and nothing is said of it.
if (isOfProject) enableCompileCache(join(packages, '.cache/dracula/compiled'))
