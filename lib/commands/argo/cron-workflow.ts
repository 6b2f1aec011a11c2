/** The CronWorkflow of a schedule. */
import type { ICronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow'
import type { Installation } from './installation.ts'
import { labelsOf } from './pod.ts'
import type { Schedule } from './schedules.ts'

/** Runs the schedule's template of the installation's WorkflowTemplate. */
export function cronWorkflow({ name, timezone }: Installation, schedule: Schedule): ICronWorkflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'CronWorkflow',
    metadata: { name: `${name}-${schedule.name}`, labels: labelsOf(name) },
    spec: {
      schedules: [schedule.cron],
      timezone,
      concurrencyPolicy: 'Forbid',
      // A controller that was down at the hour still starts it within the next.
      startingDeadlineSeconds: 3_600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      workflowSpec: { workflowTemplateRef: { name }, entrypoint: schedule.name },
    },
  }
}
