import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { DatabaseConfig } from '../../lib/config/config.ts'

const database: DatabaseConfig = {
  host: 'shop.abc123.eu-west-1.rds.amazonaws.com',
  port: 5432,
  database: 'shop',
  user: 'reader',
  password: undefined,
  auth: 'rds-iam',
  tls: { mode: 'verify-full', ca: undefined },
}

const module = JSON.stringify(join(import.meta.dir, '../../lib/postgres/password.ts'))

/** In a process of its own, as region and credentials come from the environment. */
async function passwordIn(env: Readonly<Record<string, string>>): Promise<string> {
  const script = `
    import { passwordOf } from ${module}
    const database = JSON.parse(await Bun.stdin.text())
    console.log(await Promise.try(passwordOf(database)).catch(({ exit, message }) => exit + ' ' + message))`
  const nowhere = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
  const child = Bun.spawn([process.execPath, '-e', script], {
    env: { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...nowhere, ...env },
    stdin: Buffer.from(JSON.stringify(database)),
    stdout: 'pipe',
  })
  return (await child.stdout.text()).trimEnd()
}

const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG' }

describe('a token of RDS', () => {
  // Amazon RDS User Guide, "Connecting to your DB instance using IAM authentication".
  test('is a signed URL without its scheme, good for 15 minutes, by credentials that may be temporary', async () => {
    const token = await passwordIn({ AWS_REGION: 'eu-west-1', AWS_SESSION_TOKEN: 'session', ...keys })
    expect(token).toStartWith('shop.abc123.eu-west-1.rds.amazonaws.com:5432/?')
    expect(token).not.toContain(keys.AWS_SECRET_ACCESS_KEY)
    const { pathname, searchParams } = new URL(`https://${token}`)
    expect(pathname).toBe('/')
    expect(Object.fromEntries(searchParams)).toEqual({
      Action: 'connect',
      DBUser: 'reader',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': expect.stringMatching(/^AKIAEXAMPLE\/\d{8}\/eu-west-1\/rds-db\/aws4_request$/),
      'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
      'X-Amz-SignedHeaders': 'host',
    })
  })

  test('needs a region and credentials, and says so', async () => {
    expect(await passwordIn(keys)).toMatch(
      /^2 Cannot sign a token for "shop.*: Region is missing\. Set AWS_REGION\.$/,
    )
    expect(await passwordIn({ AWS_REGION: 'eu-west-1' })).toMatch(
      /^2 Cannot sign a token for .*: Could not load credentials.*\. Check the AWS credentials in the environment/,
    )
  })
})
