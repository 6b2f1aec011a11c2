/** The key that hashed columns are hashed with: in the environment, or in a file that it names, as secrets are mounted. */
import { readFileSync } from 'node:fs'
import { type Environment, setting, wrongSetting } from './setting.ts'

/** A hash has as many: a shorter key is easier to guess than one. */
const leastBytes = 32
/** A key made by chance has more; a word that stands in for one, or is repeated, has not. */
const leastDifferent = 8

const advice = 'Make one with: openssl rand -hex 32, and keep it: with another key no hash is the same.'

/**
 * White space around it does not count.
 * @returns undefined: there is none
 * @throws Failure (2) for both at once, for a file that cannot be read, and for what is too short to be a key; never with it
 */
export function parseHashKey(env: Environment): string | undefined {
  const text = setting(env, 'DRACULA_HASH_KEY')
  const path = setting(env, 'DRACULA_HASH_KEY_FILE')
  if (path === undefined) return text === undefined ? undefined : sound('DRACULA_HASH_KEY', text)
  if (text !== undefined) {
    throw wrongSetting('DRACULA_HASH_KEY_FILE', 'is set beside DRACULA_HASH_KEY', 'Unset one of them.')
  }
  let found: string
  try {
    found = readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrongSetting(
      'DRACULA_HASH_KEY_FILE',
      `names the file ${path}, which cannot be read`,
      'Name a file that holds the key, and nothing else.',
      cause,
    )
  }
  return sound('DRACULA_HASH_KEY_FILE', found)
}

function sound(name: 'DRACULA_HASH_KEY' | 'DRACULA_HASH_KEY_FILE', text: string): string {
  const key = text.trim()
  // Bytes that are no text would all be read as this one character, and keys that differ as one.
  if (key.includes('\ufffd')) throw wrongSetting(name, 'has a key that is no text in UTF-8', advice)
  const bytes = new TextEncoder().encode(key)
  if (bytes.length < leastBytes) {
    throw wrongSetting(name, `has a key of ${bytes.length} bytes, and ${leastBytes} are the least`, advice)
  }
  if (new Set(bytes).size < leastDifferent) {
    throw wrongSetting(name, `has a key of fewer than ${leastDifferent} different characters`, advice)
  }
  return key
}
