#!/usr/bin/env bun
/**
 * What packing the project does first: `types/` for those who import the package, as a compiler would hold `.ts` files of
 * packages to the rules of whoever imports them. It goes again when the package is made (`postpack`).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Command } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { runCommand } from '../cli/command.ts'
import { missingPackages } from '../cli/require-packages.ts'
import { ownFolder } from '../declare/project.ts'

const types = join(ownFolder, 'types')
const compiler = join(ownFolder, 'node_modules/typescript/bin/tsc')

const surface = Object.values(packageFile.exports).flatMap((each) =>
  typeof each === 'object' && 'types' in each ? [each.types.replace(/^\.\/types\/|\.d\.ts$/g, '')] : [],
)

/** The declarations of all that the surface imports, whatever it shows of it. */
async function emit(folder: string): Promise<void> {
  const files = [...surface, 'parquet/parquetjs-lite.d'].map((name) => join(ownFolder, `lib/${name}.ts`))
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(ownFolder, 'lib'),
    outDir: join(folder, 'types'),
    typeRoots: [join(ownFolder, 'node_modules')],
  }
  const config = join(folder, 'tsconfig.json')
  const content = { extends: join(ownFolder, 'tsconfig.json'), compilerOptions, include: [], files }
  await Bun.write(config, JSON.stringify(content))
  const child = Bun.spawn([process.execPath, compiler, '-p', config], {
    stdout: 'inherit',
    stderr: 'inherit',
  })
  if ((await child.exited) !== 0) throw new Error('The declarations of the package do not compile.')
}

/** What the surface shows, and what that refers to; written for every way that compilers find modules. */
async function keep(path: string, from: string, kept: Set<string>): Promise<void> {
  if (kept.has(path)) return
  kept.add(path)
  const text = await Bun.file(path).text()
  for (const [, imported = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)\.ts'/g))
    await keep(join(dirname(path), `${imported}.d.ts`), from, kept)
  const named = text.replace(/((?:from |import\()'\.[^']+)\.ts'/g, "$1.js'")
  await Bun.write(join(types, relative(from, path)), named)
}

const command = new Command('bun run prepack').description(
  'Writes types/ for the package: npm pack begins with it, and takes it away again.',
)

await runCommand(command, async () => {
  if (!(await Bun.file(compiler).exists())) throw missingPackages(command.name(), ['typescript'])
  await rm(types, { recursive: true, force: true })
  const folder = await mkdtemp(join(tmpdir(), 'dracula-pack-'))
  try {
    await emit(folder)
    const from = join(folder, 'types')
    const kept = new Set<string>()
    for (const name of surface) await keep(join(from, `${name}.d.ts`), from, kept)
  } finally {
    await rm(folder, { recursive: true })
  }
  return 0
})
