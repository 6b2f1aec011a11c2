/**
 * Whether identity-based policies allow a request (IAM User Guide, "Policy evaluation logic"): a Deny that matches wins,
 * else an Allow is needed. It knows the condition operators below, and refuses to guess at others.
 */
export interface PolicyStatement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[] | undefined>>>
  >
}

export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[]
}

/** What a request needs to be allowed: one action on one resource. */
export interface Need {
  /** `s3:PutObject` */
  readonly action: string
  /** ARN, or `*` for an action without a type of resource. */
  readonly resource: string
  /** Condition keys the request has, `s3:prefix`; a list for one of several values. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>
}

export function allows(policies: readonly PolicyDocument[], need: Need): boolean {
  const matching = policies.flatMap(({ Statement }) => Statement).filter((each) => applies(each, need))
  return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow')
}

function applies(statement: PolicyStatement, { action, resource, context = {} }: Need): boolean {
  const { Action, Resource = [], Condition = {} } = statement
  return (
    [Action].flat().some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    [Resource].flat().some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], [wanted ?? []].flat())),
    )
  )
}

/** A key that the request does not have matches nothing (IAM User Guide, "Condition operators"). */
function holds(
  operator: string,
  given: string | readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  const values = given === undefined ? [] : [given].flat()
  switch (operator) {
    case 'StringEquals':
    case 'ForAnyValue:StringEquals':
      return values.some((value) => wanted.includes(value))
    case 'StringLike':
      return values.some((value) => wanted.some((pattern) => like(pattern, value)))
    default:
      throw new RangeError(`The local stand-in does not know the condition operator ${operator}.`)
  }
}

/** `*` is any characters, slashes and colons too, `?` any one (IAM User Guide, "Resource"). */
export function like(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*'
    return part === '?' ? '.' : RegExp.escape(part)
  })
  return new RegExp(`^${parts.join('')}$`, 's').test(text)
}
