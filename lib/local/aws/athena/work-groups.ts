/** Athena's operations about workgroups. */
import { type Json, type Operation, optionalText, text } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import { engineVersion } from './execution.ts'

/** There is one workgroup, `primary`, as in a new account; it enforces nothing and has no output location. */
export const workGroupOperations: Record<string, Operation> = {
  GetWorkGroup: {
    subject: (input) => optionalText(input, 'WorkGroup') ?? '',
    takes: 'WorkGroup',
    perform: (input) => {
      requireWorkGroup(text(input, 'WorkGroup'))
      const configuration = {
        ResultConfiguration: {},
        EnforceWorkGroupConfiguration: false,
        PublishCloudWatchMetricsEnabled: false,
        RequesterPaysEnabled: false,
        EngineVersion: engineVersion,
      }
      return { WorkGroup: { ...summary, Configuration: configuration } }
    },
  },
  ListWorkGroups: {
    subject: () => '',
    takes: 'NextToken MaxResults',
    perform: () => ({ WorkGroups: [{ ...summary, EngineVersion: engineVersion }] }),
  },
}

const summary: Json = { Name: 'primary', State: 'ENABLED', Description: '' }

/** @throws ServiceError InvalidRequestException for any other */
export function requireWorkGroup(name = 'primary'): void {
  if (name !== 'primary') {
    throw new ServiceError('InvalidRequestException', `WorkGroup ${name} is not found.`)
  }
}
