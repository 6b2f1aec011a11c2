/** The provider that a row names by `provider_id`. */
import { integer, lookup, nullable, text } from '../../lib/table.ts'

/** Providers by id. */
export const provider = lookup({
  from: 'providers',
  key: 'id',
  columns: { id: integer, name: nullable(text) },
})

/** The provider's name; null where there is no such provider. It needs the lookup `provider`. */
export const providerName = {
  type: nullable(text),
  value: (
    { provider_id }: { readonly provider_id: number | null },
    { provider }: { readonly provider: (id: number | null) => { readonly name: string | null } | undefined },
  ) => provider(provider_id)?.name,
}
