/** What one installation may choose; everything else of its workflows follows from `scripts/`. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import packageFile from '../../../package.json' with { type: 'json' }
import { ownFolder, project } from '../../declare/project.ts'
import type { Toleration } from './kubernetes-names.ts'
import type { Schedule } from './schedules.ts'

/** What loads may take, and are told. */
export interface LoadSettings {
  /** A quantity of Kubernetes; undefined: the default. */
  readonly memory?: string | undefined
  readonly cpu?: string | undefined
  readonly flags?: readonly string[] | undefined
}

export interface Installation {
  /**
   * The name of the WorkflowTemplate, and the first part of every other name: its ConfigMap of settings and its Secret are
   * called the same, and its service account unless it has a name of its own.
   */
  readonly name: string
  readonly image: string
  /** undefined: that in which it is applied. */
  readonly namespace: string | undefined
  /** Labels and annotations of all objects, and of workflows and pods. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly pullSecrets: readonly string[]
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
  readonly serviceAccount: string | undefined
  /** Tables at a time. */
  readonly parallel: number
  /** The time zone of the schedules, as the tz database names it. */
  readonly timezone: string
  /** ARN of the IAM role that loads take on (IRSA); undefined: the service account is there already. */
  readonly role: string | undefined
  readonly schedules: readonly Schedule[]
  /** How many pods read a table at once, by its name; the others are read by the one that loads them. */
  readonly slices: Readonly<Record<string, number>>
  /** What loads of all tables have that say nothing else. */
  readonly loads: LoadSettings
  /** By table, beside and above that. */
  readonly loadsOf: Readonly<Record<string, LoadSettings>>
  /** Tables whose partitions can be loaded alone. */
  readonly partitioned: readonly string[]
}

/** What an installation has that chooses nothing but what it loads, and when. */
export const defaults = {
  namespace: undefined,
  labels: {},
  annotations: {},
  pullSecrets: [],
  nodeSelector: {},
  tolerations: [],
  serviceAccount: undefined,
  parallel: 4,
  timezone: 'Etc/UTC',
  role: undefined,
  slices: {},
  loads: {},
  loadsOf: {},
  partitioned: [],
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
  const image = basename(typeof full === 'string' ? full : folder)
    .toLowerCase()
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
  const name = image
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, mostLetters)
    .replace(/^-+|-+$/g, '')
  return {
    name: name === '' ? 'dracula' : name,
    image: `${image === '' ? 'dracula' : image}:${typeof version === 'string' ? version.replaceAll('+', '-') : 'latest'}`,
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

/** The installation's own, by which all that belongs to it is found, and the user's. */
export function labelsOf({ name, labels }: Pick<Installation, 'name' | 'labels'>): Record<string, string> {
  return { 'app.kubernetes.io/name': 'dracula', 'app.kubernetes.io/instance': name, ...labels }
}

/** @param name of an object of the installation */
export function metadataOf(
  installation: Installation,
  name: string,
  own: Readonly<Record<string, string>> = {},
): {
  name: string
  namespace?: string
  labels: Record<string, string>
  annotations?: Record<string, string>
} {
  const { namespace } = installation
  const annotations = { ...installation.annotations, ...own }
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: labelsOf(installation),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}
