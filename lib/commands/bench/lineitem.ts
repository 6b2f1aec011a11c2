#!/usr/bin/env bun
/** A table shaped like TPC-H's LINEITEM (specification 1.4.1): 16 columns, numbers, dates and short strings. */
import { run } from '../../run.ts'
import { bigint, date, integer, numeric, table, text } from '../../table.ts'

const amount = numeric(12, 2)

/** One row per line of an order. */
const lineitem = table({
  name: 'lineitem',
  columns: {
    l_orderkey: bigint,
    l_partkey: integer,
    l_suppkey: integer,
    l_linenumber: integer,
    l_quantity: amount,
    l_extendedprice: amount,
    l_discount: amount,
    l_tax: amount,
    l_returnflag: text,
    l_linestatus: text,
    l_shipdate: date,
    l_commitdate: date,
    l_receiptdate: date,
    l_shipinstruct: text,
    l_shipmode: text,
    l_comment: text,
  },
})

export const createLineitem = `
  create table lineitem (
    l_orderkey bigint not null,
    l_partkey integer not null,
    l_suppkey integer not null,
    l_linenumber integer not null,
    l_quantity numeric(12,2) not null,
    l_extendedprice numeric(12,2) not null,
    l_discount numeric(12,2) not null,
    l_tax numeric(12,2) not null,
    l_returnflag char(1) not null,
    l_linestatus char(1) not null,
    l_shipdate date not null,
    l_commitdate date not null,
    l_receiptdate date not null,
    l_shipinstruct char(25) not null,
    l_shipmode char(10) not null,
    l_comment varchar(44) not null
  )`

/**
 * `$1` rows, the same every time; hashes stand for chance, and a comment is words of the vocabulary
 * (4.2.2.13) in an order of their own, so that it compresses as text does.
 */
export const fillLineitem = `
  insert into lineitem
  select
    g / 4 + 1,
    1 + h1 % 200000,
    1 + h2 % 10000,
    1 + g % 4,
    1 + h3 % 50,
    (1 + h3 % 50) * (90000 + h1 % 200000 % 20000 * 5 + h1 % 1000) / 100.0,
    h2 % 11 / 100.0,
    h1 % 9 / 100.0,
    (array['A', 'N', 'R'])[1 + h3 % 3],
    (array['F', 'O'])[1 + h2 % 2],
    shipped,
    shipped + (h1 % 91 - 45)::int,
    shipped + (1 + h2 % 30)::int,
    (array['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[1 + h1 % 4],
    (array['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'])[1 + h2 % 7],
    substr(
      words[1 + h1 % 16] || ' ' || words[1 + h2 % 16] || ' ' || words[1 + h3 % 16] || ' ' || words[1 + h1 / 7 % 16]
        || ' ' || words[1 + h2 / 11 % 16] || ' ' || words[1 + h3 / 13 % 16] || ' ' || words[1 + h1 / 17 % 16],
      1 + (h2 % 5)::int, 10 + (h3 % 34)::int)
  from generate_series(1, $1::bigint) g
  cross join lateral (
    select
      hashint8(g)::bigint & 2147483647 as h1,
      hashint8(g + 1000000007)::bigint & 2147483647 as h2,
      hashint8(g + 2000000011)::bigint & 2147483647 as h3
  ) chance
  cross join lateral (select date '1992-01-02' + (h1 % 2526)::int as shipped) dates
  cross join (
    select array['furiously', 'carefully', 'express', 'pending', 'regular', 'deposits', 'requests', 'accounts',
      'packages', 'ironic', 'foxes', 'sleep', 'haggle', 'quickly', 'slyly', 'theodolites'] as words
  ) vocabulary`

export default lineitem

if (import.meta.main) await run(lineitem)
