/** How a program ended: the one value that the log prints last and Sentry is sent. */
import packageFile from '../../package.json' with { type: 'json' }
import { environmentName } from '../config/config.ts'
import type { LogFields } from './log.ts'
import type { Report } from './report.ts'

export interface LastLine {
  /** undefined: the program has none. */
  readonly message: string | undefined
  /** Whose it is, what came of it, and where it failed cause, remedy and retry. */
  readonly fields: LogFields
}

/** @param subject whose the program is */
export function lastLine({ exit, line, fields }: Report, subject: LogFields): LastLine {
  return {
    message: line,
    fields: { ...subject, ...fields, version: packageFile.version, environment: environmentName(), exit },
  }
}
