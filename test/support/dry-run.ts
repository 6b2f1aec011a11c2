import type { LoadOptions } from '../../lib/load/options.ts'

/** What a dry run is asked, for a load in the test's own process. */
export const dryRun: LoadOptions = {
  dryRun: true,
  out: undefined,
  limit: undefined,
  catalog: 'declared',
  retain: 3,
  adopt: false,
  newSource: false,
  allowEmpty: false,
  maxShrink: undefined,
  deadlineMs: 60_000,
  codec: 'zstd',
  fingerprint: false,
  yieldAfterMs: 10_000,
  connectWithinMs: 30_000,
  maxLookupBytes: 2 ** 30,
  maxFileBytes: 2 ** 30,
}
