/** AWS' models of the services that the stand-in has: the schemas of its SDK, and what is condensed of the rest. */
import { jsonErrors, queryErrors, s3Errors, undeclaredErrors } from './common-errors.ts'
import { type Constraints, limitsOf } from './constraints.ts'
import { characters, type Limits, utf8Bytes } from './limits.ts'
import type { Model } from './problems.ts'

// Each is read when its service is first asked: they are big, and who reads S3 alone does without Glue's.
export const models = {
  // Glue's API reference counts bytes, Athena's characters.
  glue: once(async () =>
    modelOf(await import('@aws-sdk/client-glue'), await import('./glue.json'), jsonErrors, utf8Bytes),
  ),
  athena: once(async () =>
    modelOf(await import('@aws-sdk/client-athena'), await import('./athena.json'), jsonErrors, characters),
  ),
  s3: once(async () =>
    modelOf(await import('@aws-sdk/client-s3'), await import('./s3.json'), s3Errors, characters),
  ),
  sns: once(async () =>
    modelOf(await import('@aws-sdk/client-sns'), await import('./sns.json'), queryErrors, utf8Bytes),
  ),
} as const

function once(make: () => Promise<Model>): () => Promise<Model> {
  let made: Promise<Model> | undefined
  return () => {
    made ??= make()
    return made
  }
}

function modelOf(
  operations: Model['operations'],
  { default: constraints }: { readonly default: Constraints },
  common: readonly string[],
  lengthOf: Limits['lengthOf'],
): Model {
  const errors = new Map(
    Object.entries(constraints.operations).map(([name, declared]) => [
      name,
      new Set([...declared, ...(undeclaredErrors[name] ?? []), ...constraints.errors, ...common]),
    ]),
  )
  return {
    operations,
    limits: limitsOf(constraints, lengthOf),
    errors: (operation) => errors.get(operation),
  }
}
