/** What the pods of loads and of checks have in common, and what they may take. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import type { IWorkflowSpec } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowSpec'
import { graceMs } from '../../cli/interruption.ts'
import { type Installation, type LoadSettings, labelsOf } from './installation.ts'

/** The user of the Containerfile. */
const user = 1000

/** The only folder that can be written. */
const scratch = '/tmp'

export const summaryFile = `${scratch}/summary.json`

/** Where PGSSLROOTCERT or `sslrootcert` may point: the bundle of RDS is not among the authorities Bun brings along. */
const authorities = '/etc/dracula'

/** After Argo or a node asked a load to stop: longer than it gives itself to clean up. */
const graceSeconds = graceMs / 1_000 + 30

/** A load stops by itself; the pod's own limit is for one that cannot. */
export const loadHours = 5
export const loadPodSeconds = loadHours * 3_600 + 300

type Container = NonNullable<ITemplate['container']>
type Resources = NonNullable<Container['resources']>

/**
 * A load keeps one core busy. It takes 256 MiB at any row count, and the lookups on top: 180 MiB for the greatest
 * seen, a million purchase orders, hence the request. At the limit a load refuses with a message before the kernel
 * kills it, as --max-lookup-size is 1 GiB.
 */
const loadResources: Resources = {
  requests: { cpu: '1', memory: '512Mi' },
  limits: { memory: '1536Mi' },
} as const

/** All checks of a table at once, which wait for Postgres and Athena; measured at 140 MiB. */
export const checkResources: Resources = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '512Mi' },
}

/** What a load of these settings may take: where memory is chosen, all of it is the pod's own. */
export function resourcesOf({ memory, cpu }: LoadSettings): Resources {
  const { requests, limits } = loadResources
  const own = memory === undefined ? {} : { memory }
  return {
    requests: { ...requests, ...own, ...(cpu !== undefined && { cpu }) },
    limits: { ...limits, ...own },
  }
}

/** What every pod of the installation has. */
export function podSettings(installation: Installation): Partial<IWorkflowSpec> {
  const { name, serviceAccount = name, annotations, pullSecrets, nodeSelector, tolerations } = installation
  return {
    serviceAccountName: serviceAccount,
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map((each) => ({ ...each })) }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    podMetadata: {
      labels: labelsOf(installation),
      annotations: {
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        'karpenter.sh/do-not-disrupt': 'true',
        ...annotations,
      },
    },
    podSpecPatch: JSON.stringify({ terminationGracePeriodSeconds: graceSeconds }),
    volumes: [
      { name: 'scratch', emptyDir: { sizeLimit: '64Mi' } },
      { name: 'authorities', configMap: { name: `${name}-authorities`, optional: true } },
    ],
  }
}

/** @param name of the ConfigMap and the Secret; nothing of the Secret reaches a command line */
export function container(name: string, args: readonly string[], resources: Resources): Container {
  return {
    name: 'main',
    image: '{{workflow.parameters.image}}',
    command: ['bun'],
    args: [...args],
    envFrom: [{ configMapRef: { name } }, { secretRef: { name } }],
    resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'scratch', mountPath: scratch },
      { name: 'authorities', mountPath: authorities, readOnly: true },
    ],
  }
}

/**
 * Exit codes 1 and 5 by their own contract: what failed may pass, and a load of unknown outcome settles it when it is
 * run again. -1 is Argo's word for a pod that was lost before it had one, which leaves the same doubt.
 */
export const retryStrategy: NonNullable<ITemplate['retryStrategy']> = {
  limit: 2,
  retryPolicy: 'Always',
  expression: 'asInt(lastRetry.exitCode) in [-1, 1, 5]',
  backoff: { duration: '2m', factor: 2 },
}
