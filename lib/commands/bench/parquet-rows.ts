#!/usr/bin/env bun
/** `bun parquet-rows.ts <file>`: how many rows a Parquet file has. A program of its own, as file-sizes.ts is. */
import { DuckDBInstance } from '@duckdb/node-api'

const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
const answer = await connection.runAndReadAll('select num_rows from parquet_file_metadata(?)', [
  process.argv[2] ?? '',
])
console.log(String(answer.getRows()[0]?.[0]))
connection.closeSync()
instance.closeSync()
