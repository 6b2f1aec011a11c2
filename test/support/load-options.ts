/** The one origin of load options in tests. */
import type { LoadOptions } from '../../lib/load/options.ts'

/** What a load is asked when its script is run without a flag; `flags.test.ts` holds it against the flags. */
export const defaultLoadOptions: LoadOptions = {
  dryRun: false,
  out: undefined,
  limit: undefined,
  catalog: 'auto',
  retain: 3,
  adopt: false,
  adoptChanges: false,
  newSource: false,
  newHashKey: false,
  allowEmpty: false,
  maxShrink: undefined,
  deadlineMs: 6 * 3_600_000,
  connections: 'auto',
  partitions: undefined,
  full: false,
  evolve: false,
  codec: 'zstd',
  fingerprint: false,
  yieldAfterMs: 10_000,
  connectWithinMs: 30_000,
  maxLookupBytes: 1024 ** 3,
  maxFileBytes: 512 * 1024 * 1024,
}

/** What a dry run is asked, for a load in the test's own process. */
export const dryRun: LoadOptions = {
  ...defaultLoadOptions,
  dryRun: true,
  catalog: 'declared',
  deadlineMs: 60_000,
}
