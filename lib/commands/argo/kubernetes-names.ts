/** Names, labels and the like, held to the rules of Kubernetes before the cluster refuses them, or a pod never starts. */
import { InvalidArgumentError } from 'commander'

/** RFC 1123: what a namespace may be called, and with a shorter `most` what more is put behind. */
export function dnsLabel(text: string, most = 63): string {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) && text.length <= most) return text
  throw new InvalidArgumentError(
    `It is at most ${most} lower-case letters, digits and hyphens, no hyphen at its ends.`,
  )
}

/** What secrets and service accounts may be called. */
export function dnsName(text: string): string {
  if (isDnsName(text)) return text
  throw new InvalidArgumentError(
    'It is at most 253 lower-case letters, digits, hyphens and points, each part with a letter or digit at its ends.',
  )
}

function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
}

type Pair = readonly [key: string, value: string]

/** `team=data`, or `example.com/team=data`. */
export function label(text: string): Pair {
  const [key, value] = pair(text)
  if (isLabelValue(value)) return [key, value]
  throw new InvalidArgumentError(
    'Its value is at most 63 letters, digits, hyphens, points and underscores, with a letter or digit at its ends.',
  )
}

/** The same with any one line as its value. */
export function annotation(text: string): Pair {
  const [key, value] = pair(text)
  if (value.isWellFormed() && !/\p{Cc}|\{\{/u.test(value)) return [key, value]
  throw new InvalidArgumentError('Its value is one line, without {{, which Argo would take for a variable.')
}

function pair(text: string): Pair {
  const at = text.indexOf('=')
  const key = text.slice(0, at)
  if (at > 0 && isKey(key)) return [key, text.slice(at + 1)]
  throw new InvalidArgumentError('It is a key with a value, such as team=data or example.com/team=data.')
}

function isKey(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').toReversed()
  if (more.length > 0 || (prefix !== undefined && !isDnsName(prefix))) return false
  return name !== '' && isLabelValue(name)
}

function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && /^[a-z0-9]([-._a-z0-9]*[a-z0-9])?$/i.test(text))
}

export interface Toleration {
  readonly key: string
  readonly operator: 'Equal' | 'Exists'
  readonly value?: string
  readonly effect?: Effect
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const
type Effect = (typeof effects)[number]

/** What it tolerates is written as `kubectl taint` does: `dedicated=loads:NoSchedule`, `spot:NoExecute`, `spot`. */
export function toleration(text: string): Toleration {
  const [, key = '', value, named] = /^([^=:]+)(?:=([^:]*))?(?::(\w+))?$/.exec(text) ?? []
  const effect = effects.find((each) => each === named)
  if (isKey(key) && isLabelValue(value ?? '') && (named === undefined || effect !== undefined)) {
    const ofValue =
      value === undefined ? { operator: 'Exists' as const } : { operator: 'Equal' as const, value }
    return { key, ...ofValue, ...(effect && { effect }) }
  }
  throw new InvalidArgumentError(
    `It is a taint such as dedicated=loads:NoSchedule or spot, and its effect ${effects.join(', ')}.`,
  )
}
