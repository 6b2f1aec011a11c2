/** The environment: variables that look like Dracula's and that nothing reads, as a letter is wrong. */
import { knownTo, readUnknownSettings } from '../../config/config.ts'
import { nearestName } from '../../declare/nearest.ts'
import { type Finding, ok, warning } from './finding.ts'

/** @param sources that scripts name */
export function examineEnvironment(sources: readonly string[]): Finding {
  const check = 'environment'
  const unknown = readUnknownSettings(sources)
  if (unknown.length === 0) return ok(check, 'every DRACULA_ variable is one that is read')
  const meant = unknown.map((name) => `${name} (is it ${nearestName(name, knownTo(sources))}?)`)
  const list = new Intl.ListFormat('en-GB')
  const found = `${list.format(meant)} ${unknown.length === 1 ? 'is' : 'are'} set and never read`
  return warning(check, found, 'Correct the name, or unset it.')
}
