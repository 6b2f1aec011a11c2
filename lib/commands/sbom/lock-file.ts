/** What bun.lock says of each package: where it comes from, what it is checked by, and what it needs in turn. */

export interface LockedPackage {
  /** Its place below `node_modules`: another version of it may lie below the package that wants it, as `a/node_modules/b`. */
  readonly place: string
  readonly name: string
  readonly version: string
  /** The registry it comes from; empty: npm's own. */
  readonly registry: string
  /** `sha512-…`, which what is downloaded is checked by. */
  readonly integrity: string
  readonly hasInstallScript: boolean
  /** The places of those that are installed with it: none that it says it can do without, and that nobody else wants. */
  readonly needs: readonly string[]
}

export interface LockFile {
  readonly packages: ReadonlyMap<string, LockedPackage>
  /** Places of the project's own, as package.json lists them. */
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** The names of those that a project may add to have more of Dracula. */
  readonly optionalPeers: readonly string[]
  readonly trusted: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** @throws Error for what comes from elsewhere than a registry, and for a form that is not known */
export function readLockFile(text: string): LockFile {
  const lock = fieldsOf(Bun.JSONC.parse(text), 'bun.lock')
  if (lock['lockfileVersion'] !== 2)
    throw new Error(`its version is ${lock['lockfileVersion']}, and 2 is known`)
  const entries = Object.entries(fieldsOf(lock['packages'], 'packages'))
  const keys = new Set(entries.map(([key]) => key))
  const own = fieldsOf(fieldsOf(lock['workspaces'], 'workspaces')[''], 'the project')
  const placesOf = (field: string) =>
    Object.keys(fieldsOf(own[field] ?? {}, field)).flatMap((name) => placed(name, [], keys) ?? [])
  return {
    packages: new Map(
      entries.map(([key, entry]) => {
        const read = readPackage(key, entry, keys)
        return [read.place, read]
      }),
    ),
    dependencies: placesOf('dependencies'),
    devDependencies: placesOf('devDependencies'),
    optionalPeers: namesOf(own['optionalPeers']),
    trusted: namesOf(lock['trustedDependencies']),
  }
}

/** Places of these packages, and of all that they need in turn; sorted. */
export function withNeeds({ packages }: LockFile, places: readonly string[]): string[] {
  const found = new Set(places)
  // Grows as it is gone through.
  for (const place of found) for (const each of packages.get(place)?.needs ?? []) found.add(each)
  return [...found].toSorted()
}

/** An entry of one from a registry is `[name@version, registry, what it needs, integrity]`. */
function readPackage(key: string, entry: unknown, keys: ReadonlySet<string>): LockedPackage {
  const [id, registry, info, integrity] = Array.isArray(entry) ? entry : []
  const [, name, version] = /^(@?[^@]+)@([^@:/]+)$/.exec(String(id)) ?? []
  if (name === undefined || version === undefined || typeof registry !== 'string')
    throw new Error(`${key} comes from no registry: ${id}`)
  if (typeof integrity !== 'string') throw new Error(`${key} has no integrity`)
  const fields = fieldsOf(info, key)
  const optionalPeers = namesOf(fields['optionalPeers'])
  const wanted = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) =>
    Object.keys(fieldsOf(fields[field] ?? {}, field)),
  )
  const above = packagesIn(key)
  return {
    ...{ place: placeOf(key), name, version, registry, integrity },
    hasInstallScript: fields['hasInstallScript'] === true,
    needs: wanted
      .filter((each) => !optionalPeers.includes(each))
      .flatMap((each) => placed(each, above, keys) ?? []),
  }
}

/** Where a package finds another one: below itself, else below each that it lies in, else at the top. */
function placed(name: string, above: readonly string[], keys: ReadonlySet<string>): string | undefined {
  for (let depth = above.length; depth >= 0; depth--) {
    const key = [...above.slice(0, depth), name].join('/')
    if (keys.has(key)) return placeOf(key)
  }
  return undefined
}

/** `a/@b/c` is the package `@b/c` in the folder of `a`. */
function packagesIn(key: string): string[] {
  return key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? []
}

function placeOf(key: string): string {
  return packagesIn(key).join('/node_modules/')
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Error(`${what} is no object`)
}
