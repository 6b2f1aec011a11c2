/** Which test files start a Postgres: those that import what finds its programs, in whatever roundabout way. */
import { dirname, join } from 'node:path'

const finder = 'lib/local/postgres-binaries.ts'

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/** @param root the project's folder @returns their paths from there, sorted */
export async function testsOfPostgres(root: string): Promise<string[]> {
  const imports = new Map<string, Promise<readonly string[]>>()
  const importsOf = (file: string) => {
    const known = imports.get(file) ?? readImports(root, file)
    imports.set(file, known)
    return known
  }
  const reaches = async (file: string, seen: Set<string>): Promise<boolean> => {
    if (file === finder) return true
    if (seen.has(file)) return false
    seen.add(file)
    for (const each of await importsOf(file)) if (await reaches(each, seen)) return true
    return false
  }
  const found: string[] = []
  for await (const file of new Bun.Glob('test/**/*.test.ts').scan(root)) {
    if (await reaches(file, new Set())) found.push(file)
  }
  return found.toSorted()
}

/** What it imports of the project, from the project's folder; types are not imported. */
async function readImports(root: string, file: string): Promise<string[]> {
  const source = await Bun.file(join(root, file)).text()
  return transpiler
    .scanImports(source.replace(/^#!.*/, ''))
    .filter(({ path }) => path.startsWith('.') && path.endsWith('.ts'))
    .map(({ path }) => join(dirname(file), path))
}
