/** Clients of AWS whose failures advise in the words of a lake's settings. */
import { type Aws, type AwsSettings, connectAws } from '../aws/clients.ts'

const advice = { NoSuchBucket: 'Create the bucket, or correct DRACULA_S3_URI.' }

/** Connects as {@link connectAws} does. */
export function connectLake(settings: Omit<AwsSettings, 'advice'> = {}): Aws {
  return connectAws({ ...settings, advice })
}
