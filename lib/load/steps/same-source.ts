/** A load replaces what was read from the same place, unless it is told that the table comes from another from now on. */
import {
  type Difference,
  describeIdentity,
  differenceOf,
  type SourceIdentity,
} from '../../declare/source-identity.ts'
import { Failure } from '../../failure/failure.ts'
import type { PublishedLoad } from '../../lake/published.ts'
import type { LoadOptions } from '../options.ts'

/** @param before what readers see; undefined: nothing @throws Failure (2) naming both sources; one of a version that kept none is taken for the same */
export function requireSameSource(
  table: string,
  { newSource }: Pick<LoadOptions, 'newSource'>,
  before: Pick<PublishedLoad, 'load' | 'source'> | undefined,
  now: SourceIdentity,
): void {
  if (before?.source === undefined || newSource) return
  const difference = differenceOf(before.source, now)
  if (difference === undefined) return
  throw new Failure({
    exit: 2,
    act: 'replace',
    thing: table,
    reason: `load ${before.load}, which readers see, was read from ${describeIdentity(before.source)}, and this one would be from ${describeIdentity(now)}${addition[difference] ?? ''}`,
    advice: `${adviceFor(difference, table)} If the table comes from there from now on, ${occasions[difference]}, load it once with --new-source.`,
  })
}

const addition: Readonly<Partial<Record<Difference, string>>> = {
  copy: ': the cluster has the same identifier, but is no replica, was not promoted, and is elsewhere, as a copy is',
  unproven: ': another place, and nothing proves that it is the same cluster',
}

const occasions: Readonly<Record<Difference, string>> = {
  cluster: 'as after a major upgrade or a move',
  database: 'as after it was renamed',
  copy: 'as after a move',
  unproven: 'or it is the same under another name',
  relation: 'as after it was renamed',
}

function adviceFor(difference: Difference, table: string): string {
  if (difference === 'relation') return `Check from in scripts/${table}.ts.`
  const lake =
    'Check which database DATABASE_URL names, and which lake DRACULA_S3_URI and DRACULA_GLUE_DATABASE.'
  return difference === 'unproven'
    ? `${lake} With EXECUTE on pg_control_system() the role could tell one cluster from another.`
    : lake
}
