/** What one installation may choose; everything else of its workflows follows from `scripts/`. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import packageFile from '../../../package.json' with { type: 'json' }
import { ownFolder, project } from '../../declare/project.ts'
import type { Schedule } from './schedules.ts'

export interface Installation {
  /**
   * The name of the WorkflowTemplate, and the first part of every other name: its service account, its ConfigMap of
   * settings and its Secret are called the same.
   */
  readonly name: string
  readonly image: string
  /** Tables at a time. */
  readonly parallel: number
  /** The time zone of the schedules, as the tz database names it. */
  readonly timezone: string
  /** ARN of the IAM role that loads take on (IRSA); undefined: the service account is there already. */
  readonly role: string | undefined
  readonly schedules: readonly Schedule[]
  /** How many pods read a table at once, by its name; the others are read by the one that loads them. */
  readonly slices: Readonly<Record<string, number>>
}

/** What an installation has that chooses nothing but what it loads, and when. */
export const defaults = {
  parallel: 4,
  timezone: 'Etc/UTC',
  role: undefined,
  slices: {},
} as const satisfies Partial<Installation>

/** Letters of a name, with room for a schedule's after it. */
export const mostLetters = 38

/**
 * What it is called, and what its image is: after the project whose scripts are meant, so that two in one namespace are two.
 */
export function namesOfProject(): Pick<Installation, 'name' | 'image'> {
  const { folder } = project()
  if (folder === ownFolder) return { name: 'dracula', image: `dracula:${packageFile.version}` }
  const { name: full, version } = packageIn(folder)
  const image = basename(typeof full === 'string' ? full : folder).toLowerCase()
  const name = image
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, mostLetters)
    .replace(/^-+|-+$/g, '')
  return {
    name: name === '' ? 'dracula' : name,
    image: `${image}:${typeof version === 'string' ? version : 'latest'}`,
  }
}

function packageIn(folder: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return Object(found)
  } catch {
    return {}
  }
}
