/** What Argo's controller tells Prometheus of each table, with `argo_workflows_` before the names. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'

const table = { key: 'table', value: '{{inputs.parameters.table}}' }
const status = { key: 'status', value: '{{status}}' }

/** @param installation its name */
export function tableMetrics(installation: string): NonNullable<ITemplate['metrics']> {
  const labels = [{ key: 'installation', value: installation }, table]
  return {
    prometheus: [
      {
        name: 'dracula_runs',
        help: 'Loads of a table with their checks, by how they ended',
        labels: [...labels, status],
        counter: { value: '1' },
      },
      {
        name: 'dracula_run_seconds',
        help: 'Time that the last load of a table took with its checks, tries that failed included',
        labels: [...labels, status],
        gauge: { realtime: false, value: '{{duration}}' },
      },
      {
        name: 'dracula_rows',
        help: 'Rows of the last load of a table',
        labels,
        when: '{{status}} == Succeeded',
        gauge: { realtime: false, value: '{{outputs.parameters.rows}}' },
      },
    ],
  }
}
