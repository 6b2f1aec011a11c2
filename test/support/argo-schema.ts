/**
 * Argo's own JSON schema, which lies beside the project where it lies at all, made strict: as published it lets
 * unknown fields pass, and refuses the integers that Kubernetes takes where it says IntOrString or Quantity.
 */
import { join } from 'node:path'
import Ajv2020 from 'ajv/dist/2020'

interface Definition {
  type?: string | string[]
  properties?: Readonly<Record<string, unknown>>
  additionalProperties?: unknown
}

interface Schema {
  readonly definitions: Record<string, Definition>
}

const root = join(import.meta.dir, '../..')

export const schemaPath = '../shared/argo-workflows.schema.json'

const file = Bun.file(join(root, schemaPath))

export const schemaIsThere = await file.exists()

/** @returns what is wrong with the object, each with its place; nothing when it is sound */
export async function argoSchema(): Promise<(object: { readonly kind: string }) => string[]> {
  const schema: Schema = await file.json()
  const { definitions } = schema
  for (const definition of Object.values(definitions)) {
    if (definition.properties !== undefined) definition.additionalProperties ??= false
  }
  for (const name of ['util.intstr.IntOrString', 'api.resource.Quantity']) {
    definitions[`io.k8s.apimachinery.pkg.${name}`] = { type: ['string', 'integer'] }
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'argo', definitions })
  return (object) => {
    const validate = ajv.getSchema(`argo#/definitions/io.argoproj.workflow.v1alpha1.${object.kind}`)
    if (validate === undefined) return [`there is no ${object.kind}`]
    validate(object)
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, ...Object.values(params)].join(' '),
    )
  }
}
