/** Who is told of a table that did not end well, where its pod was killed before it could tell itself. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import { checkResources, container, retryStrategy } from './pod.ts'
import { ownProgram, scriptsArguments } from './programs.ts'

type Task = NonNullable<ITemplate['dag']>['tasks'][number]

/** What the pods of the run have told since the workflow began is not told again. */
export function tell(installation: string): ITemplate {
  const args = [
    ownProgram('lib/commands/tell.ts'),
    ...scriptsArguments(),
    ...['--table', '{{inputs.parameters.table}}'],
    ...['--status', '{{inputs.parameters.status}}'],
    ...['--since', '{{workflow.creationTimestamp.RFC3339}}'],
  ]
  return {
    name: 'tell',
    inputs: { parameters: [{ name: 'table' }, { name: 'status' }] },
    activeDeadlineSeconds: 600,
    retryStrategy,
    container: container(installation, args, checkResources),
  }
}

/** @param task that loads and checks the table */
export function tellOf(task: string, table: string): NonNullable<Task['hooks']> {
  return {
    exit: {
      template: 'tell',
      expression: `tasks['${task}'].status != 'Succeeded'`,
      arguments: {
        parameters: [
          { name: 'table', value: table },
          { name: 'status', value: `{{tasks.${task}.status}}` },
        ],
      },
    },
  }
}
