/** What one installation may choose; everything else of its workflows follows from `scripts/`. */
import packageFile from '../../../package.json' with { type: 'json' }
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

export const defaults = {
  name: 'dracula',
  image: `dracula:${packageFile.version}`,
  parallel: 4,
  timezone: 'Etc/UTC',
} as const satisfies Partial<Installation>
