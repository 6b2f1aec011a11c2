#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { array, doublePrecision, integer, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** What a provider has to do before its profile is complete; each is worth a fifth. */
const steps = [
  'Create Account',
  'Update Company Profile',
  'Add Addresses',
  'Add Certifications',
  'Add Accounting Details',
]

/** One row per provider of research services. */
const providers = table({
  name: 'providers',
  columns: {
    id: integer,
    name: nullable(text),
    slug: nullable(text),
    uuid: nullable(uuid),
    created_at: nullable(timestamp),
    certifications: array(text),
    setup: array(text),
    score: doublePrecision,
    tier: nullable(integer),
    contact_emails: nullable(array(text)),
    sales_email: nullable(text),
    phone_number: nullable(text),
    ads_advertiser_id: nullable(integer),
    website: nullable(text),
    number_of_employees: nullable(text),
    type_of_company: nullable(text),
  },
  derive: {
    percent_completeness: {
      type: integer,
      value: ({ setup }) => 20 * steps.filter((step) => setup.includes(step)).length,
    },
  },
  internal: ['setup'],
})

export default providers

if (import.meta.main) await run(providers)
