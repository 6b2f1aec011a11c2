/** The CronWorkflow of a schedule. */
import type { ICronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow'
import { type Installation, metadataOf } from './installation.ts'
import type { Schedule } from './schedules.ts'

/** Runs the schedule's template of the installation's WorkflowTemplate. */
export function cronWorkflow(installation: Installation, schedule: Schedule): ICronWorkflow {
  const { name, timezone } = installation
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'CronWorkflow',
    metadata: metadataOf(installation, `${name}-${schedule.name}`),
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
