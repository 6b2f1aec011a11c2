/** The service account that pods of the installation run as, and its rights in the cluster. */
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { type Installation, metadataOf } from './installation.ts'

/**
 * Who the pods are: in AWS the IAM role (EKS User Guide, "IAM roles for service accounts"), in the cluster no more
 * than what Argo's executor needs to report a step's outputs (Argo manual, "Workflow RBAC").
 */
export function serviceAccount(
  installation: Installation,
  role: string,
): [IServiceAccount, IRole, IRoleBinding] {
  const { name, namespace, serviceAccount: account = name } = installation
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadataOf(installation, account, { 'eks.amazonaws.com/role-arn': role }),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadataOf(installation, name),
      rules: [{ apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadataOf(installation, name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: account, ...(namespace !== undefined && { namespace }) }],
    },
  ]
}
