/**
 * Keeps what Bun compiles modules to, beside the packages: the next process need not compile them again. bunfig.toml has
 * this imported before all else. Bun holds what it finds there against the content of the source and against its own
 * version, and a copy that does not fit, or is damaged, is as good as none.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Where that folder cannot be written, as in an image, nothing is kept, and nothing is said of it.
enableCompileCache(join(import.meta.dir, '../../node_modules/.cache/dracula/compiled'))
