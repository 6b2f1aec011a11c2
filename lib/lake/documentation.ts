/**
 * Which words of a published table are whose. A load writes what the script or Postgres says otherwise than at the load
 * before, and where nothing is written yet; all else stays as it is found, whoever has written it.
 */
import type { Table } from '@aws-sdk/client-glue'
import type { Described, TableContent } from '../aws/table-input.ts'
import type { Documentation } from '../declare/documentation.ts'

/** Its value: JSON, a hash of each text that the load last published had to say. */
export const saidParameter = 'dracula.said'

/** What the names of tags begin with among the parameters of a Glue table, which has no tags of AWS' own. */
const tagPrefix = 'tag.'

/** By what it is about: `comment`, `owner`, `column id`, `tag team`. */
type Texts = ReadonlyMap<string, string>

/**
 * @param parameters of the table as it was: what was said before; a table that has none of it was documented by others
 * @param live what stands there
 */
export function mergedDocumentation(
  parameters: Readonly<Record<string, string>>,
  ours: Documentation,
  live: Documentation,
): Documentation {
  const said = saidIn(parameters)
  const [told, there] = [textsOf(ours), textsOf(live)]
  const merged = new Map<string, string>()
  for (const about of new Set([...told.keys(), ...there.keys()])) {
    const [our, their] = [told.get(about), there.get(about)]
    const text = their === undefined ? our : said === undefined ? their : chosen(said[about], our, their)
    if (text !== undefined) merged.set(about, text)
  }
  return documentationIn(merged)
}

function chosen(said: string | undefined, our: string | undefined, their: string): string | undefined {
  const isNew = our !== undefined && hashOf(our) !== said
  if (isNew) return our
  // Nobody says it any more, and nobody else has written it.
  return our === undefined && hashOf(their) === said ? undefined : their
}

/** What stands in Glue. */
export function documentationOn(live: Table | undefined): Documentation {
  const columns = live?.StorageDescriptor?.Columns ?? []
  const tags = Object.entries(live?.Parameters ?? {}).flatMap(([name, value]) =>
    name.startsWith(tagPrefix) ? [[name.slice(tagPrefix.length), value]] : [],
  )
  return {
    comment: live?.Description || undefined,
    owner: live?.Owner || undefined,
    columns: Object.fromEntries(
      columns.flatMap(({ Name, Comment }) => (Name === undefined || !Comment ? [] : [[Name, Comment]])),
    ),
    tags: Object.fromEntries(tags),
  }
}

/** What Glue is to have. */
function describedAs({ comment, owner, columns, tags }: Documentation): Described {
  const labels = Object.entries(tags).map(([name, value]) => [tagPrefix + name, value])
  return {
    ...{ description: comment, owner, comments: columns },
    ...{ labels: Object.fromEntries(labels), labelPrefix: tagPrefix },
  }
}

/**
 * What becomes of a table's words in Glue, and of what is known of them.
 * @param ours undefined: they all stay
 * @param elsewhere what the table itself says, beside Glue
 */
export function documentedOver(
  live: Table | undefined,
  ours: Documentation | undefined,
  { said = live?.Parameters ?? {}, comment, columns }: Elsewhere = {},
): Pick<TableContent, 'parameters' | 'described'> {
  if (ours === undefined) return { parameters: saidBefore(said) }
  const inGlue = documentationOn(live)
  const there = {
    ...inGlue,
    comment: inGlue.comment ?? comment,
    columns: { ...columns, ...inGlue.columns },
  }
  return { parameters: saidOf(ours), described: describedAs(mergedDocumentation(said, ours, there)) }
}

/** Words stand there for where Glue has none. */
interface Elsewhere extends Partial<Pick<Documentation, 'comment' | 'columns'>> {
  /** Parameters with what was said before. */
  readonly said?: Readonly<Record<string, string>>
}

export function saidOf(documentation: Documentation): Record<string, string> {
  const hashes = Array.from(textsOf(documentation), ([about, text]) => [about, hashOf(text)])
  return { [saidParameter]: JSON.stringify(Object.fromEntries(hashes)) }
}

/** Words are not of a load: they outlive it. */
export function saidBefore(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const text = parameters[saidParameter]
  return text === undefined ? {} : { [saidParameter]: text }
}

function saidIn(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  try {
    const said: unknown = JSON.parse(parameters[saidParameter] ?? '')
    if (typeof said !== 'object' || said === null) return undefined
    return Object.fromEntries(Object.entries(said).filter(([, hash]) => typeof hash === 'string'))
  } catch {
    return undefined
  }
}

function textsOf({ comment, owner, columns, tags }: Documentation): Texts {
  const named = (kind: string, texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([name, text]) => [`${kind} ${name}`, text] as const)
  return new Map([
    ...(comment === undefined ? [] : [['comment', comment] as const]),
    ...(owner === undefined ? [] : [['owner', owner] as const]),
    ...named('column', columns),
    ...named('tag', tags),
  ])
}

function documentationIn(texts: Texts): Documentation {
  const named = (kind: string) =>
    Object.fromEntries(
      Array.from(texts).flatMap(([about, text]) =>
        about.startsWith(`${kind} `) ? [[about.slice(kind.length + 1), text]] : [],
      ),
    )
  return {
    comment: texts.get('comment'),
    owner: texts.get('owner'),
    columns: named('column'),
    tags: named('tag'),
  }
}

function hashOf(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 12)
}
