/** The workflows as they lie in the project, read by a parser that did not write them. */
import { join } from 'node:path'
import type { ICronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow'
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import type { IWorkflowTemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate'

export interface Workflows {
  readonly template: IWorkflowTemplate
  readonly crons: readonly ICronWorkflow[]
  /** The template's templates. */
  readonly templates: readonly ITemplate[]
}

export const workflowsFile = join(import.meta.dir, '../../lib/commands/argo/workflows.yaml')

export function parseWorkflows(text: string): Workflows {
  const objects = Bun.YAML.parse(text) as (IWorkflowTemplate | ICronWorkflow)[]
  const template = objects.find((object) => object.kind === 'WorkflowTemplate')
  if (template === undefined) throw new Error('There is no WorkflowTemplate')
  const crons = objects.filter((object) => object.kind === 'CronWorkflow')
  return { template, crons, templates: template.spec.templates ?? [] }
}

/** What a step runs when Argo has put the parameters in, and the id of the workflow. */
export function stepCommand(
  { template, templates }: Workflows,
  name: string,
  inputs: Readonly<Record<string, string>>,
  uid = 'b3c1f0de-0000-4000-8000-000000000000',
): string[] {
  const container = templates.find((each) => each.name === name)?.container
  const given = template.spec.arguments?.parameters ?? []
  return [...(container?.command ?? []), ...(container?.args ?? [])].map((text) =>
    text
      .replaceAll('{{workflow.uid}}', uid)
      .replace(/\{\{(inputs|workflow)\.parameters\.([\w-]+)\}\}/g, (tag, scope, parameter) => {
        const value =
          scope === 'inputs' ? inputs[parameter] : given.find((each) => each.name === parameter)?.value
        if (value === undefined) throw new Error(`Nothing for ${tag}`)
        return value
      }),
  )
}
