/** Strings that something between a script and a reader may stumble over, from a small grammar. */
import type { Random } from '../support/random.ts'

const pieces: readonly ((random: Random) => string)[] = [
  () => '',
  () => ' ',
  () => '\t\n',
  () => '\r\n',
  () => '\0',
  () => '\u001b[31m',
  () => '\u2028',
  () => '\u202egnp.exe',
  () => '\u200b',
  () => '\ufeff',
  () => '\ud800',
  () => '🧛',
  () => 'שלום',
  // The same to the eye, and to some file systems and catalogs.
  () => 'caf\u00e9',
  () => 'cafe\u0301',
  () => 'İ',
  () => 'ſ',
  () => "'",
  () => '"',
  () => '`',
  () => '""',
  () => '\\',
  () => "\\'",
  () => '$(id)',
  () => '$PATH',
  () => '; drop table x; --',
  () => '/* */',
  () => "' or '1'='1",
  () => '../..',
  () => '/etc/passwd',
  () => '%2e%2e%2f',
  () => '%00',
  () => '%',
  () => '{"a":',
  () => '}',
  () => '<script>',
  () => '__proto__',
  () => 'constructor',
  () => 'prototype',
  () => 'toString',
  () => 'select',
  () => 'table',
  () => 'timestamp',
  () => 'null',
  () => 'true',
  () => '-0',
  () => '0x10',
  () => '1e400',
  () => '-1',
  () => '9007199254740993',
  () => '٣',
  () => 'Infinity',
  () => 'NaN',
  () => '--help',
  () => '-',
  () => '=',
  () => '.',
  () => '..',
  () => ',',
  () => ':',
  () => '@',
  () => '#',
  () => '?',
  () => '*',
  () => '\\x41',
  () => 'A',
  () => 'a',
  () => '_',
  () => '1',
  (random) => 'x'.repeat(random.pick([63, 64, 127, 129, 255, 256, 1025])),
  (random) => 'ä'.repeat(random.pick([32, 64, 128])),
  (random) => String.fromCharCode(random.integer(0x250)),
  (random) => String.fromCodePoint(random.integer(0xd800)),
]

/** One piece or a few, in whatever order. */
export function hostileText(random: Random): string {
  return Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(pieces)(random)).join('')
}

/** The text with something hostile in it, in its stead, or as it is. */
export function spoilt(text: string, random: Random): string {
  const chance = random()
  if (chance < 0.3) return text
  if (chance < 0.45) return hostileText(random)
  const at = random.integer(text.length + 1)
  const end = chance < 0.7 ? at : at + random.integer(4)
  return text.slice(0, at) + hostileText(random) + text.slice(end)
}
