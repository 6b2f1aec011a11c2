/** All steps, in the order in which a run takes them. */
import { commandSteps } from './commands.ts'
import { icebergSteps } from './iceberg.ts'
import { plainSteps } from './plain.ts'
import { readerSteps } from './readers.ts'
import type { Step } from './step.ts'
import { upkeepSteps } from './upkeep.ts'

const { doctor, policies, ...afterLoads } = commandSteps

/** The last look at old loads comes when nobody goes back to them any more. */
export const steps: Readonly<Record<string, Step>> = {
  ...{ doctor, policies },
  ...plainSteps,
  ...icebergSteps,
  ...afterLoads,
  ...readerSteps,
  ...upkeepSteps,
}
