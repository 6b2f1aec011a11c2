/** Which function of Postgres prints the values of a type, where a cast to text need not do the same. */

/**
 * A subquery: the function's name as SQL calls it, `pg_catalog.inet_out`; null where the cast is as good.
 *
 * Without a cast of its own (pg_cast, castmethod i, or no row) a type is cast to text by its output function; with one
 * it need not be: inet prints 10.0.0.1 and is cast to 10.0.0.1/32. The types whose cast changes nothing, as they are
 * text by themselves, are printed by the functions of text.
 * @param type alias of a row of pg_type
 */
export function outputOf(type: string): string {
  return `
    select pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.proname)
    from pg_catalog.pg_cast k
      join pg_catalog.pg_proc p on p.oid = ${type}.typoutput
      join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
    where k.castsource = ${type}.oid and k.casttarget = 'pg_catalog.text'::regtype and k.castmethod <> 'i'
      and p.prosrc not in ('textout', 'varcharout')`
}

/** What the subquery answered, as `SourceColumn` has it. */
export function outputIn(name: unknown): { readonly output?: string } {
  return typeof name === 'string' ? { output: name } : {}
}
