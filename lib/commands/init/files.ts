/**
 * The files of a new project. Their texts lie in template/ under plain names: npm packs no file called .gitignore, and no
 * compiler, formatter or git takes what ends in .txt for its own.
 */
import packageFile from '../../../package.json' with { type: 'json' }
import bunfig from './template/bunfig.txt' with { type: 'text' }
import containerfile from './template/containerfile.txt' with { type: 'text' }
import dockerignore from './template/dockerignore.txt' with { type: 'text' }
import environment from './template/environment.txt' with { type: 'text' }
import gitignore from './template/gitignore.txt' with { type: 'text' }
import orders from './template/orders.txt' with { type: 'text' }
import readme from './template/readme.txt' with { type: 'text' }
import seed from './template/seed.txt' with { type: 'text' }
import tsconfig from './template/tsconfig.txt' with { type: 'text' }
import workflow from './template/workflow.txt' with { type: 'text' }

export interface ProjectFile {
  /** Below the project's folder. */
  readonly path: string
  readonly content: string | Uint8Array
  readonly isProgram?: true
}

/** The package as npm has packed it, to be copied into the project. */
export interface Tarball {
  readonly name: string
  readonly content: Uint8Array
}

const environments = ['staging', 'production'] as const

/** @param tarball undefined: a registry has the package */
export function projectFiles(name: string, tarball?: Tarball): ProjectFile[] {
  const installed = [
    'package.json',
    'bun.lock',
    'bunfig.toml',
    ...(tarball === undefined ? [] : [tarball.name]),
  ]
  const copied = [...installed, 'tsconfig.json', 'scripts'].map((each) => `!${each}`)
  const words = {
    name,
    bun: packageFile.packageManager.replace('bun@', ''),
    installed: installed.join(' '),
    copied: copied.join('\n'),
    // Athena takes no name that begins with a digit unless it is quoted.
    database: name.replace(/[^a-z0-9]/g, '_').replace(/^(?=\d)/, 'lake_'),
  }
  return [
    { path: 'package.json', content: packageText(name, tarball) },
    { path: 'bunfig.toml', content: bunfig },
    { path: 'tsconfig.json', content: tsconfig },
    { path: 'README.md', content: filled(readme, words) },
    { path: 'scripts/orders.ts', content: orders, isProgram: true },
    { path: 'seed.sql', content: seed },
    { path: 'Containerfile', content: filled(containerfile, words) },
    { path: '.dockerignore', content: filled(dockerignore, words) },
    { path: '.gitignore', content: gitignore },
    { path: '.github/workflows/check.yaml', content: filled(workflow, words) },
    ...environments.map((each) => ({
      path: `.env.${each}.example`,
      content: filled(environment, { ...words, environment: each }),
    })),
    ...(tarball === undefined ? [] : [{ path: tarball.name, content: tarball.content }]),
  ]
}

/** @param words by their names in double braces */
function filled(template: string, words: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const value = words[word]
    if (value === undefined) throw new Error(`A template has a word that nobody gives: ${word}.`)
    return value
  })
}

function packageText(name: string, tarball: Tarball | undefined): string {
  const { packageManager, engines, peerDependencies, devDependencies, trustedDependencies } = packageFile
  const inside = (each: string) => `bun --env-file=.env.${each} node_modules/.bin/dracula`
  const content = {
    name,
    private: true,
    type: 'module',
    packageManager,
    engines,
    scripts: {
      demo: "dracula local --seed seed.sql -- sh -c 'dracula all --fingerprint && dracula check'",
      local: 'dracula local --seed seed.sql --',
      ...Object.fromEntries(environments.map((each) => [each, inside(each)])),
      'check:types': 'tsc --noEmit',
    },
    dependencies: {
      [packageFile.name]: tarball === undefined ? packageFile.version : `./${tarball.name}`,
    },
    // What the compiler, and the Postgres, S3, Glue and Athena of this machine are made of.
    devDependencies: { ...peerDependencies, 'bun-types': devDependencies['bun-types'] },
    trustedDependencies,
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
