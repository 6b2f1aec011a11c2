/** What `bun run conformance` runs against: one endpoint for each service, by the variables of the AWS SDK. */
import { Failure } from '../../lib/failure/failure.ts'

export const services = ['s3', 'glue', 'athena'] as const
export type Service = (typeof services)[number]

export interface Settings {
  /** undefined: the stand-in, or AWS's own with `aws`. */
  readonly endpoints: Readonly<Record<Service, string | undefined>>
  /** Services without an endpoint are AWS's own, in the account that the credentials are of. */
  readonly aws: boolean
  /** The bucket is made, and removed again, where nobody has named one. */
  readonly bucket: string | undefined
  /** Below it everything is written; empty, or without a slash at its end. */
  readonly prefix: string
  /** What the AWS SDK is given, and what a load is: roles, keys and the workgroup. */
  readonly variables: Readonly<Record<string, string>>
}

type Environment = Readonly<Record<string, string | undefined>>

/** What a test account may have to be named by; everything else of Dracula's is the run's own. */
const handedOn = ['DRACULA_CRAWLER_ROLE', 'DRACULA_KMS_KEY', 'DRACULA_ATHENA_WORKGROUP']

/** @param aws as `Settings` has it @throws Failure (2) naming the variable that is missing or wrong */
export function readSettings(env: Environment, aws: boolean): Settings {
  const everywhere = endpointIn(env, 'AWS_ENDPOINT_URL')
  const of = (service: Service) => endpointIn(env, `AWS_ENDPOINT_URL_${service.toUpperCase()}`) ?? everywhere
  const endpoints = { s3: of('s3'), glue: of('glue'), athena: of('athena') }
  const uri = env['DRACULA_S3_URI'] || undefined
  if (aws && uri === undefined) {
    throw wrong(
      'DRACULA_S3_URI',
      'it is not set',
      'Name a bucket for tests: s3://bucket or s3://bucket/prefix.',
    )
  }
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(uri ?? '') ?? []
  if (uri !== undefined && bucket === undefined) {
    throw wrong(
      'DRACULA_S3_URI',
      `it is "${uri}"`,
      'Name a bucket for tests: s3://bucket or s3://bucket/prefix.',
    )
  }
  return { endpoints, aws, bucket, prefix, variables: variablesOf(env, { endpoints, aws }) }
}

function endpointIn(env: Environment, name: string): string | undefined {
  const text = env[name] || undefined
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, '')
  throw wrong(name, `"${text}" is no URL`, 'Write it as http://127.0.0.1:5000.')
}

function variablesOf(env: Environment, { endpoints, aws }: Pick<Settings, 'endpoints' | 'aws'>) {
  const chosen = (isChosen: (name: string) => boolean) =>
    Object.fromEntries(
      Object.entries(env).flatMap(([name, value]): [string, string][] =>
        value && isChosen(name) ? [[name, value]] : [],
      ),
    )
  const ofTheSdk = chosen((name) => name.startsWith('AWS_') && !name.startsWith('AWS_ENDPOINT_URL'))
  const ofLoads = chosen((name) => handedOn.includes(name))
  if (aws) return { ...ofTheSdk, ...ofLoads }
  const elsewhere = Object.values(endpoints).some((each) => each !== undefined)
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // No profile in the user's home is to lead to a real account.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    DRACULA_CRAWLER_ROLE: 'arn:aws:iam::000000000000:role/local-crawler',
    ...(elsewhere ? ofTheSdk : {}),
    ...ofLoads,
  }
}

function wrong(name: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 2, act: 'run conformance with', thing: name, reason, advice })
}
