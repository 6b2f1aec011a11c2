/**
 * What a load costs on AWS beside storage and requests, estimated by the list prices of us-east-1 of November 2026
 * (Amazon Athena pricing, "Per query"; AWS Glue pricing, "Crawlers"); other regions and contracts differ.
 */
import type { EstimatedUsd } from './summary.ts'

const usdPerByteScanned = 5 / 1e12
/** Athena bills a query for at least so many bytes, and whole megabytes beyond. */
const leastBytes = 10e6
const megabyte = 1e6

const usdPerDpuSecond = 0.44 / 3_600
/** A crawler's; what it bills is not told by the calls a load makes. */
const crawlerDpus = 2
/** Glue bills a crawl for at least so long. */
const leastSeconds = 600

/** @param scanned bytes, by query @param crawlSeconds undefined: nothing was crawled */
export function estimatedUsd({
  scanned,
  crawlSeconds,
}: {
  readonly scanned: readonly number[]
  readonly crawlSeconds: number | undefined
}): EstimatedUsd {
  const billed = scanned.map((bytes) => Math.max(leastBytes, Math.ceil(bytes / megabyte) * megabyte))
  const athena = billed.reduce((sum, bytes) => sum + bytes, 0) * usdPerByteScanned
  const crawler =
    crawlSeconds === undefined ? 0 : crawlerDpus * Math.max(leastSeconds, crawlSeconds) * usdPerDpuSecond
  return { athena: round(athena), crawler: round(crawler) }
}

/** Both together. */
export function totalUsd({ athena, crawler }: EstimatedUsd): number {
  return round(athena + crawler)
}

function round(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}
