#!/usr/bin/env bun
/**
 * `bun run models <folder of botocore>`: writes anew what the stand-in knows of AWS' own models of its services, which
 * the schemas of the AWS SDK for JavaScript do not hold: lengths, patterns, enums and errors. botocore is AWS' SDK for
 * Python, which has them whole (`python -c "import botocore; print(botocore.__path__[0])"` says where).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as athena from '@aws-sdk/client-athena'
import * as glue from '@aws-sdk/client-glue'
import * as s3 from '@aws-sdk/client-s3'
import * as sns from '@aws-sdk/client-sns'
import { structuresOf } from '../../lib/local/aws/model/schema.ts'
import { startLocalAws } from '../../lib/local/aws/server.ts'
import { condense, type ServiceModel } from './condense.ts'

const versions = { glue: '2017-03-31', athena: '2017-05-18', s3: '2006-03-01', sns: '2010-03-31' } as const

const sdks = { glue, athena, s3, sns } as const

const [botocore] = process.argv.slice(2)
if (botocore === undefined || botocore.startsWith('-')) {
  console.error('Usage: bun run models <folder of botocore>, the package of Python with data/ in it')
  process.exit(2)
}
const [, release] = /__version__ = '(.+)'/.exec(await Bun.file(join(botocore, '__init__.py')).text()) ?? []

const folder = await mkdtemp(join(tmpdir(), 'dracula-models-'))
const aws = await startLocalAws({ folder })
try {
  for (const [service, version] of Object.entries(versions)) {
    const path = join('data', service, version, 'service-2.json.gz')
    const bytes = Bun.gunzipSync(new Uint8Array(await Bun.file(join(botocore, path)).arrayBuffer()))
    const model: ServiceModel = JSON.parse(new TextDecoder().decode(bytes))
    const source = `botocore ${release}, ${path}, Apache-2.0`
    const names = aws.operations[service as keyof typeof versions]
    const target = join(import.meta.dir, `../../lib/local/aws/model/${service}.json`)
    const shipped = structuresOf(sdks[service as keyof typeof sdks], names)
    const has = (structure: string, member: string) => shipped.get(structure)?.members.has(member) === true
    await Bun.write(target, `${JSON.stringify(condense(model, names, has, source), null, 2)}\n`)
    console.log(`${target}: ${names.length} operations`)
  }
} finally {
  await aws.stop()
  await rm(folder, { recursive: true, force: true })
}
const format = Bun.spawn([process.execPath, 'x', 'biome', 'format', '--write', 'lib/local/aws/model'], {
  cwd: join(import.meta.dir, '../..'),
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.exitCode = await format.exited
