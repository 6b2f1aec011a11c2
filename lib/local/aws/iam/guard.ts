/** Who may do what in the stand-in: everybody everything, until a principal is given policies. */
import { ServiceError } from '../service-error.ts'
import { allows, type Need, type PolicyDocument } from './evaluate.ts'

/** A need that a request had, and whether the policies allowed it. */
export interface Asked extends Need {
  readonly principal: string
  readonly allowed: boolean
}

export class Guard {
  readonly #policies = new Map<string, readonly PolicyDocument[]>()
  /** All that principals with policies have needed, in order. */
  readonly asked: Asked[] = []

  /** @param principal an access key, or the ARN of a role; from now on it may do what these allow, and nothing else */
  restrict(principal: string, policies: readonly PolicyDocument[]): void {
    this.#policies.set(principal, policies)
  }

  restricts(principal: string): boolean {
    return this.#policies.has(principal)
  }

  /** Words as AWS puts them, of the first need that is not allowed; undefined: all are. */
  refusal(principal: string, needs: readonly Need[]): string | undefined {
    const policies = this.#policies.get(principal)
    if (policies === undefined) return undefined
    const judged = needs.map((need): Asked => ({ ...need, principal, allowed: allows(policies, need) }))
    this.asked.push(...judged)
    const denied = judged.find(({ allowed }) => !allowed)
    if (denied === undefined) return undefined
    const { action, resource } = denied
    return `User: ${arnOf(principal)} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
  }

  /** @throws ServiceError as Glue and Athena refuse */
  require(principal: string, needs: readonly Need[]): void {
    const refusal = this.refusal(principal, needs)
    if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal)
  }

  /** Looks without being asked: nothing is kept of it. */
  mayAlso(principal: string, need: Need): boolean {
    const policies = this.#policies.get(principal)
    return policies === undefined || allows(policies, need)
  }
}

function arnOf(principal: string): string {
  return principal.startsWith('arn:') ? principal : `arn:aws:iam::000000000000:user/${principal}`
}

/** The access key that a request is signed with; empty: none. */
export function accessKeyOf(request: Request): string {
  const query = new URL(request.url).searchParams
  const signed = request.headers.get('authorization') ?? query.get('X-Amz-Credential') ?? ''
  return /(?:Credential=|^)([^/,\s]+)\//.exec(signed)?.[1] ?? query.get('AWSAccessKeyId') ?? ''
}
