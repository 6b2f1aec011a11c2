/** A bill of materials in the form of CycloneDX 1.6 (ECMA-424): what bun.lock pins, and what each package says of itself. */
import { join } from 'node:path'
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import parseExpression from 'spdx-expression-parse'
import { type LockedPackage, type LockFile, withNeeds } from './lock-file.ts'

const { FromNodePackageJson, License } = Contrib
type PackageJson = Contrib.FromNodePackageJson.Types.NodePackageJson

export interface BillOptions {
  /** The project's folder, in which its packages are installed: the lock file has no licences. */
  readonly folder: string
  /** With what only development installs. */
  readonly development: boolean
  /** When the bill is made; undefined: it does not say, and is the same whenever it is made. */
  readonly timestamp: Date | undefined
}

const components = new FromNodePackageJson.Builders.ComponentBuilder(
  new FromNodePackageJson.Factories.ExternalReferenceFactory(),
  new License.Factories.LicenseFactory(parseExpression),
)

/** @returns JSON @throws Error for a package that is not installed, but for those of other machines' kinds */
export async function billOfMaterials(
  lock: LockFile,
  { folder, development, timestamp }: BillOptions,
): Promise<string> {
  const needed = withNeeds(lock, lock.dependencies)
  const optional = new Set(withNeeds(lock, lock.optionalPeers))
  const places = development ? [...lock.packages.keys()].toSorted() : needed
  const made = new Map(
    await Promise.all(
      places.map(async (place) => {
        const scope = scopeOf(place, needed, optional)
        return [place, await componentOf(lock.packages.get(place)!, { folder, scope })] as const
      }),
    ),
  )
  const refsOf = (wanted: readonly string[]) => wanted.flatMap((place) => made.get(place)?.bomRef ?? [])
  for (const [place, { dependencies }] of made)
    for (const ref of refsOf(lock.packages.get(place)!.needs)) dependencies.add(ref)
  const own = ownComponent(await readPackageJson(folder))
  for (const ref of refsOf(lock.dependencies)) own.dependencies.add(ref)
  if (development) for (const ref of refsOf(lock.devDependencies)) own.dependencies.add(ref)
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: own, ...(timestamp && { timestamp }) }),
    components: new Models.ComponentRepository(made.values()),
  })
  bom.serialNumber = `urn:uuid:${Bun.randomUUIDv5(serialized(bom), Bun.randomUUIDv5('https://cyclonedx.org/', 'url'))}`
  return serialized(bom)
}

/** CycloneDX calls excluded what is at hand as the project is made and tested, and not as it runs. */
function scopeOf(place: string, needed: readonly string[], optional: ReadonlySet<string>) {
  if (needed.includes(place)) return Enums.ComponentScope.Required
  return optional.has(place) ? Enums.ComponentScope.Optional : Enums.ComponentScope.Excluded
}

async function componentOf(
  { place, name, version, integrity }: LockedPackage,
  { folder, scope }: { readonly folder: string; readonly scope: Enums.ComponentScope },
): Promise<Models.Component> {
  const packageJson = await readPackageJson(join(folder, 'node_modules', place)).catch((error: unknown) => {
    // One that is built for another kind of machine is in the lock file alone.
    if (scope !== Enums.ComponentScope.Required) return {}
    throw error
  })
  const component = components.makeComponent({ ...packageJson, name, version })
  if (component === undefined) throw new Error(`${place} has no name`)
  component.scope = scope
  component.purl = purlOf(name, version)
  component.bomRef.value = place === name ? component.purl : `${component.purl}#${place}`
  component.hashes.set(...FromNodePackageJson.Utils.parsePackageIntegrity(integrity))
  return component
}

function ownComponent(packageJson: PackageJson): Models.Component {
  const own = components.makeComponent(packageJson, Enums.ComponentType.Application)
  if (own === undefined) throw new Error('package.json has no name')
  own.purl = purlOf(packageJson.name ?? '', packageJson.version)
  own.bomRef.value = own.purl
  return own
}

/** Package URL Specification, "npm": a scope is the namespace. */
function purlOf(name: string, version: string | undefined): string {
  const [, scope, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? []
  return new PackageURL('npm', scope, bare, version, undefined, undefined).toString()
}

async function readPackageJson(folder: string): Promise<PackageJson> {
  return await Bun.file(join(folder, 'package.json')).json()
}

function serialized(bom: Models.Bom): string {
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return serializer.serialize(bom, { sortLists: true, space: 2 })
}
