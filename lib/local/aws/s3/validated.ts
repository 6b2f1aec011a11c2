/** S3 held against AWS' own model of it: what is asked on its way in, what is answered on its way out. */
import { models } from '../model/models.ts'
import { type Problem, problemsOf, validationMessage } from '../model/problems.ts'
import { restStructure, type Sent } from '../model/rest-xml.ts'
import { operationSchema, type Structure } from '../model/schema.ts'
import type { Violations } from '../model/violations.ts'
import { ServiceError } from '../service-error.ts'
import type { S3Answer } from './answer.ts'
import { readDocument } from './body.ts'
import { type Handler, isOperation, namesOperation, type S3Call } from './operation.ts'
import { type Element, parseXml } from './xml.ts'

/**
 * The same, of requests that the model allows.
 * @param violations where what it forbids is kept
 */
export function heldToModel(s3: Handler, violations: Violations): Handler {
  return async (call) => {
    const model = await models.s3()
    const { operation } = call
    const schema = operationSchema(model.operations, operation, 'input')
    const sent = schema.kind === 'structure' ? await sentBy(call, schema) : undefined
    if (schema.kind !== 'structure' || sent === undefined) return s3(call)
    const input = restStructure(schema, sent)
    const problems = problemsOf(model, operation, 'input', input)
    violations.request(operation, problems)
    refuseInvalid(problems)
    return s3(call)
  }
}

/** The same, its answers held against the model. */
export function answeringAsModel(s3: Handler, violations: Violations): Handler {
  return async (call) => {
    const { operation } = call
    if (!isOperation(operation)) return s3(call)
    const model = await models.s3()
    const answer = await s3(call)
    const schema = operationSchema(model.operations, operation, 'output')
    // Operations that answer nothing have no structure.
    const output = schema.kind === 'structure' ? restStructure(schema, sentIn(answer)) : {}
    violations.answer(operation, problemsOf(model, operation, 'output', output))
    return answer
  }
}

function sentIn({ headers, body }: S3Answer): Sent {
  const document = body === undefined || body instanceof Uint8Array ? {} : { body }
  return { headers: Object.entries(headers), ...document }
}

/** Headers of the protocol, of its signature and of its checksums, which are no member of any input. */
const transport =
  /^x-amz-(api-version|content-sha256|date|decoded-content-length|sdk-checksum-algorithm|security-token|trailer|user-agent|checksum-(?!algorithm$|mode$|type$).*)$/

/** S3 takes `enabled` as well, which pyarrow sends. */
const inAnyCase = 'x-amz-checksum-mode'

/** undefined: its body is not what it should be, and whoever reads it says why. */
async function sentBy(call: S3Call, schema: Structure): Promise<Sent | undefined> {
  const { operation, bucket, key, query, request } = call
  const sent: Sent = {
    labels: { Bucket: bucket, Key: key },
    query: [...query].filter(([name]) => !namesOperation(operation, name)),
    headers: [...request.headers]
      .filter(([name]) => !transport.test(name))
      .map(([name, value]) => [name, name === inAnyCase ? value.toUpperCase() : value]),
  }
  const [name, payload] =
    [...schema.members].find(([, each]) => each.payload === true && each.schema().kind === 'structure') ?? []
  const root = payload?.xmlName ?? name
  if (root === undefined) return sent
  try {
    const copy = request.clone()
    const bytes = await readDocument({ headers: request.headers, bytes: () => copy.bytes() })
    if (bytes.length === 0) return sent
    return { ...sent, body: { root, content: parseXml(bytes, root) as Record<string, Element> } }
  } catch {
    return undefined
  }
}

const codes: Readonly<Record<string, string>> = {
  serverSideEncryption: 'InvalidEncryptionAlgorithmError',
  storageClass: 'InvalidStorageClass',
}

/** @throws ServiceError, but not for what S3 would not look at */
function refuseInvalid(problems: readonly Problem[]): void {
  const heeded = problems.filter(({ kind }) => kind !== 'unknown')
  const [first] = heeded
  if (first === undefined) return
  throw new ServiceError(codes[first.path] ?? 'InvalidArgument', validationMessage(heeded))
}
