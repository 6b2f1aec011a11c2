/** What was met of quotas, in lines for a terminal. */
import type { Met } from './quotas.ts'

/** @param share of them that was enforced */
export function describeMet(met: readonly Met[], share: number): string {
  const whose = share === 1 ? "AWS' default quotas" : `${share} of AWS' default quotas`
  if (met.length === 0) return `Of ${whose} nothing was asked.`
  const lines = met.map(({ name, most, unit, asked, refused, peak, published }) => {
    const limit = `${short(most)} ${unit}${published ? '' : ', which AWS does not publish'}`
    const found = refused === 0 ? 'never met' : `refused ${short(refused)}`
    return `  ${name}: ${found} of ${short(asked)}, at most ${short(peak)} of ${limit}`
  })
  return [`What was asked of ${whose}:`, ...lines].join('\n')
}

function short(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value < 1 ? 2 : 21 })
}
