/**
 * What the compiler says of scripts, where one is installed: a development install has it, an image has not, and was
 * built after asking it. Its answer is kept by the content of all it read, as asking takes about a second.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { ownFolder, type Project, project } from '../declare/project.ts'

/** Below the folder of packages. */
const compiler = 'typescript/bin/tsc'

/** A whole project of hundreds of scripts takes seconds. */
const patienceMs = 120_000

export interface ScriptTypeError {
  /** From the project's folder: `scripts/orders.ts`. */
  readonly file: string
  readonly line: number
  /** One line, with the compiler's number: `Cannot find name 'rate'. (TS2304)`. */
  readonly message: string
}

/** What the compiler said, and what it can depend on. */
interface Answer {
  /** What it read beside scripts and packages, absolute. */
  readonly files: readonly string[]
  /** A hash of the content of all that it read. */
  readonly key: string
  readonly errors: readonly ScriptTypeError[]
}

/**
 * @returns errors of scripts and of what they import in their project; undefined: there is no compiler, or no tsconfig.json
 * that says by which rules
 * @throws Error if the compiler did not come to an answer
 */
export async function typeErrors(of: Project = project()): Promise<readonly ScriptTypeError[] | undefined> {
  const packages = packagesOf(of.folder)
  if (packages === undefined || !existsSync(join(of.folder, 'tsconfig.json'))) return undefined
  const kept = join(packages, `.cache/dracula/types-${Bun.hash(of.scripts).toString(36)}.json`)
  const before: Partial<Answer> | undefined = await Bun.file(kept)
    .json()
    .catch(() => undefined)
  const { files, errors: known } = before ?? {}
  if (Array.isArray(files) && Array.isArray(known) && before?.key === contentKey(of, packages, files))
    return known
  const began = Date.now()
  const { errors, read } = await compile(of, packages)
  // A module that is not there may come without a change of those that are.
  if (errors.some(({ message }) => message.endsWith('(TS2307)'))) return errors
  if (dependencies(of, packages, read).some((file) => hasChangedSince(file, began))) return errors
  const answer: Answer = { files: read, key: contentKey(of, packages, read), errors }
  await keep(kept, JSON.stringify(answer)).catch(() => {})
  return errors
}

/** The nearest packages that have a compiler: those of a workspace may lie above the project. */
function packagesOf(folder: string): string | undefined {
  const packages = join(folder, 'node_modules')
  if (existsSync(join(packages, compiler))) return packages
  const above = dirname(folder)
  return above === folder ? undefined : packagesOf(above)
}

/** All files that the answer can depend on. @param files what the compiler has read */
function dependencies({ folder, scripts }: Project, packages: string, files: readonly string[]): string[] {
  const sources = Array.from(new Bun.Glob('**/*.ts').scanSync({ cwd: scripts, absolute: true }))
  const settings = ['package.json', 'bun.lock', 'package-lock.json']
  const versions = ['typescript/package.json', 'dracula-etl/package.json']
  return [
    ...new Set([...sources, ...files].toSorted()),
    ...configs(join(folder, 'tsconfig.json')),
    ...new Set([folder, dirname(packages)].flatMap((each) => settings.map((name) => join(each, name)))),
    ...versions.map((name) => join(packages, name)),
  ]
}

/** A tsconfig.json, and those beside it or above that it extends. */
function configs(path: string, known: readonly string[] = []): string[] {
  if (known.includes(path)) return []
  const text = new TextDecoder().decode(contentOf(path))
  const [, extended = ''] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(text) ?? []
  const others = Array.from(extended.matchAll(/"(\.[^"]*)"/g), ([, other = '']) => join(dirname(path), other))
  const files = others.map((other) => (other.endsWith('.json') ? other : `${other}.json`))
  return [path, ...files.flatMap((file) => configs(file, [...known, path]))]
}

/** Then the compiler may have read what it was before. */
function hasChangedSince(path: string, ms: number): boolean {
  const { mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return mtimeMs >= ms
}

/** Some hundred small files, which are quickest read one by one. */
function contentKey(...of: Parameters<typeof dependencies>): string {
  const hasher = new Bun.CryptoHasher('sha256')
  for (const file of dependencies(...of)) {
    const content = contentOf(file)
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

async function compile({ folder: root, scripts }: Project, packages: string) {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-types-'))
  try {
    const config = join(folder, 'tsconfig.json')
    const content = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { ...lenient, typeRoots: [join(packages, '@types'), packages] },
      include: [scripts, ...(root === ownFolder ? [join(root, 'lib/**/*.d.ts')] : [])],
    }
    await Bun.write(config, JSON.stringify(content))
    const flags = ['--noEmit', '--pretty', 'false', '--listFiles', '-p', config]
    const child = Bun.spawn([process.execPath, join(packages, compiler), ...flags], {
      cwd: root,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: patienceMs,
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    const lines = stdout.split('\n')
    const found = lines.flatMap((line) => parsed(line) ?? [])
    if (exit !== 0 && found.length === 0) {
      const [said] = [...lines, ...stderr.split('\n')].filter((line) => line !== '' && !isPath(line))
      throw new Error(said ?? `it ended with exit code ${exit}`)
    }
    const isOwn = ({ file }: ScriptTypeError) => {
      const path = join(root, file)
      return root === ownFolder ? !relative(scripts, path).startsWith('..') : isSource(file)
    }
    return {
      errors: found.filter(isOwn),
      read: lines.filter((line) => isPath(line) && isSource(line)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isPath(line: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(line)
}

function isSource(path: string): boolean {
  return !path.split(/[\\/]/).includes('node_modules')
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
