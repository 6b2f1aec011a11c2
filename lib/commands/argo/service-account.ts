import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'

/**
 * Who the pods are: in AWS the IAM role (EKS User Guide, "IAM roles for service accounts"), in the cluster no more
 * than what Argo's executor needs to report a step's outputs (Argo manual, "Workflow RBAC").
 */
export function serviceAccount(name: string, role: string): [ServiceAccount, Role, RoleBinding] {
  return [
    new ServiceAccount({ metadata: { name, annotations: { 'eks.amazonaws.com/role-arn': role } } }),
    new Role({
      metadata: { name },
      rules: [{ apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }],
    }),
    new RoleBinding({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name }],
    }),
  ]
}
