/** AWS STS: GetCallerIdentity alone, since every caller here is the same. */
import { queryDocument } from './query.ts'
import { ServiceError } from './service-error.ts'

export function stsAnswer(action: string): Response {
  if (action !== 'GetCallerIdentity') {
    throw new ServiceError('InvalidAction', `The local stand-in does not implement ${action}.`)
  }
  return queryDocument(200, 'GetCallerIdentityResponse', {
    GetCallerIdentityResult: {
      Arn: 'arn:aws:iam::000000000000:user/local',
      UserId: 'local',
      Account: '000000000000',
    },
    ResponseMetadata: { RequestId: 'local' },
  })
}
