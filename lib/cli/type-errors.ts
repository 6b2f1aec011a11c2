/**
 * What the compiler says of scripts, where one is installed: a development install has it, an image has not, and was
 * built after asking it. Its answer is kept by the content of all it read, as asking takes about a second.
 */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const project = join(import.meta.dir, '../..')

/** A whole project of hundreds of scripts takes seconds. */
const patienceMs = 120_000

export interface ScriptTypeError {
  /** From the project's folder: `scripts/orders.ts`. */
  readonly file: string
  readonly line: number
  /** One line, with the compiler's number: `Cannot find name 'rate'. (TS2304)`. */
  readonly message: string
}

/**
 * @returns errors of scripts and of what lies in folders below them; undefined: there is no compiler
 * @throws Error if the compiler did not come to an answer
 */
export async function typeErrors(root = project): Promise<readonly ScriptTypeError[] | undefined> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  if (!(await Bun.file(compiler).exists())) return undefined
  const key = contentKey(root)
  const kept = join(root, `node_modules/.cache/dracula/types-${Bun.hash(root).toString(36)}.json`)
  const before: { key?: string; errors?: readonly ScriptTypeError[] } | undefined = await Bun.file(kept)
    .json()
    .catch(() => undefined)
  if (before?.key === key && Array.isArray(before.errors)) return before.errors
  const errors = await compile(compiler, root)
  await keep(kept, JSON.stringify({ key, errors })).catch(() => {})
  return errors
}

/** A hash of all that the compiler's answer can depend on: some hundred small files, which are quickest read one by one. */
function contentKey(root: string): string {
  const hasher = new Bun.CryptoHasher('sha256')
  const sources = Array.from(new Bun.Glob('{scripts,lib}/**/*.ts').scanSync(root))
  const files = [...sources.toSorted(), 'tsconfig.json', 'bun.lock', 'node_modules/typescript/package.json']
  for (const file of files) {
    const content = contentOf(join(root, file))
    hasher.update(`${file}\0${content.length}\0`)
    hasher.update(content)
  }
  return hasher.digest('hex')
}

/** Empty: it is not there, or cannot be read, which the compiler will say. */
function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    return new Uint8Array(0)
  }
}

/** Unused names are untidy, and not wrong: they hold up no load. */
const lenient = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true }

async function compile(compiler: string, root: string): Promise<ScriptTypeError[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-types-'))
  try {
    const config = join(folder, 'tsconfig.json')
    const content = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { ...lenient, typeRoots: [join(root, 'node_modules')] },
      include: [join(root, 'scripts'), join(root, 'lib/**/*.d.ts')],
    }
    await Bun.write(config, JSON.stringify(content))
    const child = Bun.spawn([process.execPath, compiler, '--noEmit', '--pretty', 'false', '-p', config], {
      cwd: root,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: patienceMs,
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    const found = stdout.split('\n').flatMap((line) => parsed(line) ?? [])
    if (exit !== 0 && found.length === 0) {
      throw new Error(`${stdout}${stderr}`.trim().split('\n')[0] || `it ended with exit code ${exit}`)
    }
    return found.filter(({ file }) => file.startsWith('scripts/'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function parsed(line: string): ScriptTypeError | undefined {
  const [, file, at, code, message] = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/.exec(line) ?? []
  if (file === undefined || message === undefined) return undefined
  return { file: file.replaceAll('\\', '/'), line: Number(at), message: `${message} (${code})` }
}

/** Whole, or not at all: several scripts may have asked at once. */
async function keep(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  const own = `${path}.${process.pid}`
  await Bun.write(own, text)
  await rename(own, path)
}
