#!/usr/bin/env bun
// The command `dracula`. This one file Node can read too, so that it can say what runs the others.
if (process.versions.bun === undefined) {
  process.stderr.write(
    'Cannot run "dracula": it needs Bun, and this is Node. Start it with: bun run dracula\n',
  )
  process.exitCode = 2
} else {
  // Before anything else is compiled, as in this repository bunfig.toml has it.
  await import('../cli/compile-cache.ts')
  await import('./dracula/start.ts')
}
