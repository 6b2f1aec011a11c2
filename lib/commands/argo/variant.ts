/** Tables that are loaded alike have templates in common; one with settings of its own has its own. */
import type { Installation, LoadSettings } from './installation.ts'
import { lookupSize } from './quantity.ts'

export interface Variant {
  /** What the names of its templates end with: nothing, or whose they are. */
  readonly suffix: string
  /** The only table that it is for; undefined: all that have none of their own. */
  readonly table: string | undefined
  readonly settings: LoadSettings
  /** All flags of its loads that are not the workflow's. */
  readonly flags: readonly string[]
  /** How many pods read its table at once, where it is for one alone. */
  readonly slices: number | undefined
  readonly inSlices: boolean
  readonly partitioned: boolean
}

export function variantsOf(installation: Installation): Variant[] {
  const { schedules, loads, loadsOf, slices, partitioned } = installation
  const others = schedules.flatMap(({ tables }) => tables).filter((table) => loadsOf[table] === undefined)
  const common: Variant = {
    suffix: '',
    table: undefined,
    settings: loads,
    flags: flagsOf(loads),
    slices: undefined,
    inSlices: others.some((table) => slices[table] !== undefined),
    partitioned: others.some((table) => partitioned.includes(table)),
  }
  const own = Object.entries(loadsOf).map(([table, settings]): Variant => {
    const all = { ...loads, ...settings, flags: [...(loads.flags ?? []), ...(settings.flags ?? [])] }
    return {
      suffix: ownSuffix(table),
      table,
      settings: all,
      flags: flagsOf(all),
      slices: slices[table],
      inSlices: slices[table] !== undefined,
      partitioned: partitioned.includes(table),
    }
  })
  return [common, ...own]
}

/** Argo takes no underscores in names of tasks, nor a hyphen at the beginning. No table's name begins with a digit. */
export function taskName(table: string): string {
  return table.replaceAll('_', '-').replace(/^-/, '0-')
}

/** A table may be called as a template ends: that of `partitions` is `load-of-partitions`. */
export function ownSuffix(table: string): string {
  return `-of-${taskName(table)}`
}

function flagsOf({ memory, flags = [] }: LoadSettings): readonly string[] {
  const saysSize = flags.some((flag) => flag.startsWith('--max-lookup-size'))
  return memory === undefined || saysSize ? flags : [...flags, '--max-lookup-size', lookupSize(memory)]
}
