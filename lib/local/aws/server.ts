/** The HTTP server that S3, Glue, Athena, STS and SNS of this machine answer through. */
import { Database } from 'bun:sqlite'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { alteredAnswer } from './altered-answer.ts'
import { athenaOperations } from './athena/operations.ts'
import { createEngines } from './engines.ts'
import { type Action, Faults, type Rule } from './faults.ts'
import { GlueCatalog } from './glue/catalog.ts'
import { crawlerOperations } from './glue/crawlers.ts'
import { glueOperations } from './glue/operations.ts'
import { accessKeyOf, Guard } from './iam/guard.ts'
import { athenaNeeds, glueNeeds } from './iam/needs.ts'
import { guardedS3 } from './iam/s3.ts'
import { type Asking, type JsonService, performJson } from './json/call.ts'
import type { Json, Orders } from './json/input.ts'
import { models } from './model/models.ts'
import { Violations } from './model/violations.ts'
import { isQueryRequest, queryError } from './query.ts'
import { countOf } from './quotas/count.ts'
import type { Counted } from './quotas/published.ts'
import type { Quotas } from './quotas/quotas.ts'
import { responseOf, s3Error } from './s3/answer.ts'
import { Multipart } from './s3/multipart.ts'
import { s3Call, s3Operations, s3Subject } from './s3/operation.ts'
import { s3Service } from './s3/service.ts'
import { S3Store } from './s3/store.ts'
import { answeringAsModel } from './s3/validated.ts'
import { ServiceError } from './service-error.ts'
import { type PublishedMessage, publish } from './sns.ts'
import { stsAnswer } from './sts.ts'

export interface LocalAws {
  readonly url: string
  readonly port: number
  readonly faults: Faults
  /** Who may do what; everybody everything unless restricted. */
  readonly guard: Guard
  /** What topics of SNS were sent. */
  readonly published: PublishedMessage[]
  /** What was asked and answered against AWS' models. */
  readonly violations: Violations
  /** The operations of each service that there are. */
  readonly operations: Readonly<Record<'glue' | 'athena' | 's3' | 'sns', readonly string[]>>
  stop(): Promise<void>
}

/** A request whose service and operation are known, not yet done. */
interface Call {
  readonly service: 's3' | 'glue' | 'athena' | 'other'
  readonly operation: string
  readonly subject: string
  /** Glue's and Athena's requests alone have one. */
  readonly input?: Json | undefined
  perform(orders: Orders): Promise<Response>
  refusal(error: ServiceError): Response
}

/**
 * S3, Glue and Athena on one port of 127.0.0.1, for development and tests: S3 in REST/XML with path-style
 * addresses, the others in AWS JSON 1.1. Everything it keeps is in `folder`; a server started on the same folder
 * goes on from there. Signatures are not verified. See `Faults` for how to make it misbehave.
 * @param options.quotas what it refuses besides; without them it never asks for patience
 */
export async function startLocalAws(options: {
  folder: string
  port?: number
  quotas?: Quotas | undefined
}): Promise<LocalAws> {
  const folder = resolve(options.folder)
  mkdirSync(folder, { recursive: true })
  const database = new Database(join(folder, 'aws.sqlite'))
  database.run('pragma journal_mode = memory')
  database.run('pragma synchronous = off')
  const store = new S3Store(database, folder)
  const catalog = new GlueCatalog(database)
  const engines = createEngines(folder)
  const guard = new Guard()
  const crawlers = crawlerOperations(database, { store, catalog, engine: engines, guard })
  const athena = athenaOperations({ store, catalog, engine: engines, engines, guard })
  const violations = new Violations()
  const service = s3Service(store, new Multipart(database, store), violations)
  const s3 = answeringAsModel(guardedS3(service, store, guard), violations)
  const services: Record<string, JsonService> = {
    AWSGlue: {
      operations: { ...glueOperations(database, { catalog, engine: engines }), ...crawlers.operations },
      model: models.glue,
      invalid: 'ValidationException',
      needs: glueNeeds,
    },
    AmazonAthena: {
      operations: athena.operations,
      model: models.athena,
      invalid: 'InvalidRequestException',
      needs: athenaNeeds,
    },
  }
  const faults = new Faults()
  const published: PublishedMessage[] = []

  const callOf = async (request: Request): Promise<Call> => {
    const target = request.headers.get('x-amz-target')
    if (target !== null) return jsonCall(request, target, services, { guard, violations })
    if (isQueryRequest(request)) {
      const form = new URLSearchParams(await request.text())
      const action = form.get('Action') ?? ''
      const principal = accessKeyOf(request)
      const answer = () =>
        action === 'Publish' ? publish(form, { principal, guard, published, violations }) : stsAnswer(action)
      const subject = form.get('TopicArn') ?? ''
      return {
        ...{ service: 'other', operation: action, subject },
        ...{ perform: async () => answer(), refusal: queryError },
      }
    }
    const call = s3Call(request)
    return {
      service: 's3',
      operation: call.operation,
      subject: await s3Subject(call),
      perform: async () => responseOf(await s3(call)),
      refusal: (error) => responseOf(s3Error(request, error)),
    }
  }

  const answer = async (request: Request): Promise<Response> => {
    const call = await callOf(faults.mayHold() ? await arrived(request) : request)
    const { entry, actions } = faults.arrive(call.operation, call.subject, accessKeyOf(request))
    const { quotas } = options
    const { service, operation, subject, input = {} } = call
    const count = (of: Counted) => countOf(of, input, { catalog, crawlers, athena })
    const beyond = quotas?.refusal({ service, operation, subject, count })
    if (beyond !== undefined) {
      const refused = await refusal(call, beyond, violations)
      entry.status = refused.status
      return refused
    }
    const has = (kind: Action['kind']) => actions.some((action) => action.kind === kind)
    for (const action of actions) {
      if (action.kind === 'latency') await Bun.sleep(action.ms)
      if (action.kind === 'hold' && !(await faults.hold(entry, request.signal))) return dropped()
      if (action.kind === 'drop') {
        entry.status = 'dropped'
        return dropped()
      }
    }
    let response = await perform(call, actions, violations)
    for (const action of actions) {
      if (action.kind === 'answers' && response.ok) response = await alteredAnswer(response, action)
    }
    if (has('hold answer') && !(await faults.hold(entry, request.signal))) return dropped()
    if (has('lost answer')) {
      entry.status = 'dropped'
      return dropped()
    }
    const half = actions.find((action) => action.kind === 'half an answer')
    if (half !== undefined) {
      const stalled = half.stalls === true ? faults.hold(entry, request.signal) : undefined
      return await halfOf(response, stalled)
    }
    entry.status = request.signal.aborted ? 'gone' : response.status
    return response
  }

  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: options.port ?? 0,
    idleTimeout: 0,
    // S3's largest part and largest single PUT.
    maxRequestBodySize: 5 * 1024 ** 3,
    fetch: async (request) => {
      try {
        return (await administer(request, faults, options.quotas)) ?? (await answer(request))
      } catch (error) {
        if (request.signal.aborted) return dropped()
        throw error
      }
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port ?? 0,
    faults,
    guard,
    published,
    violations,
    operations: {
      glue: Object.keys(services['AWSGlue']?.operations ?? {}),
      athena: Object.keys(athena.operations),
      s3: s3Operations,
      sns: ['Publish'],
    },
    stop: async () => {
      await server.stop(true)
      faults.release()
      await Promise.all([crawlers.stop(), athena.stop()])
      engines.close()
      database.close()
    },
  }
}

async function jsonCall(
  request: Request,
  target: string,
  services: Readonly<Record<string, JsonService>>,
  asked: Omit<Asking, 'caller'>,
): Promise<Call> {
  const [prefix = '', name = ''] = target.split('.')
  const service = services[prefix]
  const input = (await request.json().catch(() => undefined)) as Json | undefined
  return {
    service: prefix === 'AWSGlue' ? 'glue' : prefix === 'AmazonAthena' ? 'athena' : 'other',
    operation: name,
    input,
    subject: (input && service?.operations[name]?.subject(input)) ?? '',
    perform: async (orders) => {
      if (!request.headers.has('authorization')) {
        throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token')
      }
      const asking = { ...asked, caller: accessKeyOf(request) }
      return jsonAnswer(200, await performJson(service, target, input, orders, asking))
    },
    refusal: ({ code, message, status }) => jsonAnswer(status, { __type: code, Message: message, message }),
  }
}

/** The request with its body read: only then does Bun notice that the caller has gone. */
async function arrived(request: Request): Promise<Request> {
  const { url, method, headers } = request
  const body = await request.bytes()
  return new Request(url, body.length === 0 ? { method, headers } : { method, headers, body })
}

async function perform(call: Call, actions: readonly Action[], violations: Violations): Promise<Response> {
  try {
    const error = actions.find((action) => action.kind === 'error')
    if (error !== undefined) {
      const { code, status = usualStatus[code] ?? 400, message = 'Told to by a test.' } = error
      throw new ServiceError(code, message, status)
    }
    return await call.perform(ordersIn(actions))
  } catch (error) {
    if (error instanceof ServiceError) return refusal(call, error, violations)
    const message = error instanceof Error ? error.message : String(error)
    return call.refusal(new ServiceError('InternalError', `The local stand-in failed: ${message}`, 500))
  }
}

/** Whatever the reason, AWS has to know the error: who reads it goes by its code. */
async function refusal(call: Call, error: ServiceError, violations: Violations): Promise<Response> {
  if (call.service !== 'other') {
    violations.error(call.operation, error.code, await models[call.service]())
  }
  return call.refusal(error)
}

const usualStatus: Record<string, number> = {
  AccessDenied: 403,
  SlowDown: 503,
  ServiceUnavailable: 503,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  ConditionalRequestConflict: 409,
  PreconditionFailed: 412,
  InternalError: 500,
  InternalServiceException: 500,
  InternalServerException: 500,
}

function ordersIn(actions: readonly Action[]): Orders {
  let orders: Orders = {}
  for (const action of actions) {
    if (action.kind === 'crawl fails') {
      const message = action.message ?? 'Internal Service Exception'
      orders = { ...orders, crawl: { kind: 'fails', message } }
    }
    if (action.kind === 'crawl hangs') orders = { ...orders, crawl: { kind: 'hangs' } }
    if (action.kind === 'crawl infers')
      orders = { ...orders, crawl: { kind: 'infers', columns: action.columns } }
    if (action.kind === 'query fails') {
      const message = action.message ?? 'GENERIC_INTERNAL_ERROR: told to by a test'
      orders = { ...orders, query: { kind: 'fails', message } }
    }
    if (action.kind === 'query hangs') orders = { ...orders, query: { kind: 'hangs' } }
    if (action.kind === 'wrong count') orders = { ...orders, query: { kind: 'off', by: action.by } }
  }
  return orders
}

/** @param until the second half, which never comes, keeps the connection; absent: it is closed at once */
async function halfOf(response: Response, until: Promise<unknown> | undefined): Promise<Response> {
  const body = await response.bytes()
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  const half = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(body.subarray(0, body.length >> 1))
      await until
      controller.error(undefined)
    },
  })
  return new Response(half, { status: response.status, headers })
}

/** Bun closes the connection of a response whose body fails; the client reads ECONNRESET. */
function dropped(): Response {
  return new Response(new ReadableStream({ start: (controller) => controller.error(undefined) }))
}

function jsonAnswer(status: number, content: Json): Response {
  return new Response(JSON.stringify(content), {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
  })
}

/** The stand-in's own addresses: no bucket's name begins with an underscore. */
async function administer(
  request: Request,
  faults: Faults,
  quotas: Quotas | undefined,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  if (!pathname.startsWith('/__')) return undefined
  switch (`${request.method} ${pathname}`) {
    case 'POST /__faults': {
      try {
        const rules = (await request.json()) as Rule | Rule[]
        faults.add(...[rules].flat())
      } catch (error) {
        return new Response(error instanceof Error ? error.message : String(error), { status: 400 })
      }
      return new Response(null, { status: 204 })
    }
    case 'DELETE /__faults':
      faults.clear()
      return new Response(null, { status: 204 })
    case 'POST /__release':
      faults.release()
      return new Response(null, { status: 204 })
    case 'GET /__log':
      return Response.json(faults.log)
    case 'GET /__quotas':
      return Response.json(quotas?.met() ?? [])
    default:
      return new Response('Unknown address of the stand-in.', { status: 404 })
  }
}
