/** What a connection proves itself by: a password, or a token that stands for one. */
import type { DatabaseConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'

/** Both clients ask when they connect, as a token is good for 15 minutes. */
export function passwordOf(database: DatabaseConfig): () => string | Promise<string> {
  return database.auth === 'rds-iam' ? () => rdsToken(database) : () => database.password ?? ''
}

/**
 * A signed URL without its scheme, by the AWS SDK's own region and credentials (Amazon RDS User Guide, "Connecting to
 * your DB instance using IAM authentication").
 * @throws Failure (2) without a region or credentials
 */
async function rdsToken({ host, port, user }: DatabaseConfig): Promise<string> {
  // Few databases are asked this way.
  const { Signer } = await import('@aws-sdk/rds-signer')
  try {
    return await new Signer({ hostname: host, port, username: user }).getAuthToken()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Failure({
      exit: 2,
      act: 'sign a token for',
      thing: `${host}:${port}`,
      reason: (message.split('\n')[0] ?? '').replace(/[.\s]+$/, ''),
      advice: /region/i.test(message)
        ? 'Set AWS_REGION.'
        : 'Check the AWS credentials in the environment, or unset DRACULA_DATABASE_AUTH.',
      cause,
    })
  }
}
