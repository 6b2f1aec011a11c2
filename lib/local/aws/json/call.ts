/** How a request of AWS JSON 1.1 becomes a call of an operation, and what that gives an answer. */
import { account } from '../account.ts'
import type { Need } from '../iam/evaluate.ts'
import type { Guard } from '../iam/guard.ts'
import { inputMembers, type Model, problemsOf, refuseInvalid } from '../model/problems.ts'
import type { Violations } from '../model/violations.ts'
import { ServiceError } from '../service-error.ts'
import type { Json, Operation, Orders } from './input.ts'

/** A service of AWS JSON 1.1: what it does, and what its requests and answers must look like. */
export interface JsonService {
  readonly operations: Readonly<Record<string, Operation>>
  readonly model: () => Promise<Model>
  /** The code of a request that breaks the model. */
  readonly invalid: string
  /** What the caller has to be allowed. */
  readonly needs: (operation: string, input: Json) => readonly Need[]
}

/** Who asks, and where what the models forbid is kept. */
export interface Asking {
  readonly caller: string
  readonly guard: Guard
  readonly violations: Violations
}

/**
 * Carries one request out, held against the service's model on its way in, and its answer on its way out.
 * @param target the header `X-Amz-Target`: `AWSGlue.GetTable`
 * @throws ServiceError
 */
export async function performJson(
  service: JsonService | undefined,
  target: string,
  input: Json | undefined,
  orders: Orders,
  { caller, guard, violations }: Asking,
): Promise<Json> {
  const name = target.slice(target.indexOf('.') + 1)
  const operation = service?.operations[name]
  if (service === undefined || operation === undefined) {
    throw new ServiceError('UnknownOperationException', `The local stand-in does not implement ${target}.`)
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ServiceError('SerializationException', 'The body is not a structure in JSON.')
  }
  const model = await service.model()
  const problems = problemsOf(model, name, 'input', input)
  violations.request(name, problems)
  refuseInvalid(problems, service.invalid)
  refuseUnknown(model, name, operation, input, service.invalid)
  guard.require(caller, service.needs(name, input))
  const answer = await operation.perform(input, orders, caller)
  violations.answer(name, problemsOf(model, name, 'output', answer))
  return answer
}

/** @throws ServiceError for a member that AWS has and the stand-in would ignore */
function refuseUnknown(model: Model, name: string, operation: Operation, input: Json, code: string): void {
  if (typeof input['CatalogId'] === 'string' && input['CatalogId'] !== account) {
    throw new ServiceError('EntityNotFoundException', `Catalog ${input['CatalogId']} not found.`)
  }
  const takes = ['CatalogId', ...operation.takes.split(' ')]
  const given = (member: string) => input[member] !== undefined && input[member] !== null
  const unknown = inputMembers(model, name).find((member) => given(member) && !takes.includes(member))
  if (unknown !== undefined) {
    throw new ServiceError(code, `The local stand-in does not implement ${unknown} of ${name}.`)
  }
}
