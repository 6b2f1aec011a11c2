/** What botocore's model of a service says that the schemas of the AWS SDK do not: limits of members, errors of operations. */
import type { Constraints, Shape } from '../../lib/local/aws/model/constraints.ts'

/** What is read here of a `service-2.json`. */
export interface ServiceModel {
  readonly operations: Readonly<Record<string, OperationModel>>
  readonly shapes: Readonly<Record<string, ShapeModel>>
}

interface OperationModel {
  readonly input?: Reference
  readonly output?: Reference
  readonly errors?: readonly Reference[]
}

interface Reference {
  readonly shape: string
  readonly documentation?: string
}

interface ShapeModel {
  readonly type: string
  readonly members?: Readonly<Record<string, Reference>>
  readonly member?: Reference
  readonly key?: Reference
  readonly value?: Reference
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly error?: { readonly code?: string }
}

/**
 * @param names of the operations to keep
 * @param has whether the AWS SDK, which may be older, has the member of the structure
 * @throws Error for an operation or a shape that the model does not have
 */
export function condense(
  model: ServiceModel,
  names: readonly string[],
  has: (structure: string, member: string) => boolean,
  source: string,
): Constraints {
  const structures: Record<string, Record<string, string>> = {}
  const shapes: Record<string, Shape> = {}
  const seen = new Set<string>()

  /** Whether there is anything to know of it. */
  const visit = ({ shape: name }: Reference): boolean => {
    const shape = known(model.shapes, name)
    if (shape.type === 'structure') {
      visitStructure(name, shape)
      return false
    }
    const found = shapeOf(shape, (each) => (each !== undefined && visit(each) ? each.shape : undefined))
    if (Object.keys(found).length === 0) return false
    shapes[name] = found
    return true
  }

  const visitStructure = (name: string, { members = {} }: ShapeModel): void => {
    if (seen.has(name)) return
    seen.add(name)
    const limited = Object.entries(members).filter(([member, each]) => has(name, member) && visit(each))
    if (limited.length > 0)
      structures[name] = Object.fromEntries(limited.map(([member, { shape }]) => [member, shape]))
  }

  const operations = names.toSorted().map((name) => {
    const { input, output, errors = [] } = known(model.operations, name)
    for (const each of [input, output]) if (each !== undefined) visit(each)
    return [name, errors.map(({ shape }) => known(model.shapes, shape).error?.code ?? shape)] as const
  })
  return {
    source,
    operations: Object.fromEntries(operations),
    errors: errorCodes(model),
    structures: sorted(structures),
    shapes: sorted(shapes),
  }
}

function shapeOf(shape: ShapeModel, nameOf: (each: Reference | undefined) => string | undefined): Shape {
  const { min, max, pattern, enum: oneOf, member, key, value } = shape
  const facts = { min, max, pattern, oneOf, each: nameOf(member), keys: nameOf(key), values: nameOf(value) }
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined))
}

/** S3 lists the codes that any of its operations may answer with where it describes the code of an error. */
function errorCodes({ shapes }: ServiceModel): string[] {
  const told = shapes['Error']?.members?.['Code']?.documentation ?? ''
  return [
    ...new Set([...told.matchAll(/<i>Code:<\/i> ([A-Za-z]+)/g)].map(([, code = '']) => code)),
  ].toSorted()
}

function known<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name]
  if (found === undefined) throw new Error(`The model has no ${name}.`)
  return found
}

function sorted<T>(all: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
