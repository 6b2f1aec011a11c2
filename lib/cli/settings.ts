/** The end of every `--help`: the tables of exit codes and of the environment. */
import { sdkSettings, settings } from '../config/settings.ts'
import { exitCodes } from '../failure/exit-code.ts'

const nameWidth = Math.max(...settings.map(({ name }) => name.length))

export const settingsHelp = [
  '',
  'Exit codes:',
  ...exitCodes.map(
    ({ code, meaning, retry }) => `  ${code}  ${meaning}${retry === 'may help' ? '; a retry may help' : ''}`,
  ),
  '',
  'Environment:',
  ...settings.map(({ name, help }) => `  ${name.padEnd(nameWidth)}  ${help}`),
  `  ${sdkSettings.help}`,
  '',
].join('\n')
