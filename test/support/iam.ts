/** What an IAM policy allows: enough of its rules for policies that only allow and whose resources are ARNs. */
import type { Policy } from '../../lib/commands/policies/fill.ts'

/** Whether one of its statements allows the action on the resource; conditions count as met. */
export function allows(policy: Policy, action: string, arn: string): boolean {
  return policy.Statement.some(
    ({ Effect, Action, Resource = [] }) =>
      Effect === 'Allow' &&
      [Action].flat().includes(action) &&
      [Resource].flat().some((pattern) => matches(pattern, arn)),
  )
}

/** IAM User Guide, "IAM JSON policy elements: Resource": `*` is any characters, slashes and colons too. */
function matches(pattern: string, arn: string): boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(arn)
}
