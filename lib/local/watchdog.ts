/** Cleans up after a process that could not do so itself. */
import { spawn } from 'node:child_process'

export interface Watchdog {
  /** Names a Postgres server to shut down. */
  guard(pid: number): void
  /** Calls it off: whoever started it has cleaned up. */
  stop(): void
}

/**
 * Reads process ids until its stdin ends, which the kernel sees to however this process ends. SIGQUIT is
 * Postgres' immediate shutdown: https://www.postgresql.org/docs/current/server-shutdown.html
 */
const script = `
trap '' INT TERM HUP
pids=
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do kill -QUIT "$pid"; done
for pid in $pids; do
  tries=0
  while [ $tries -lt 100 ] && kill -0 "$pid"; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "$pid"
done
rm -rf -- "$1"
`

/** A shell in a session of its own: when this process dies, even by SIGKILL, it stops servers and removes `folder`. */
export function startWatchdog(folder: string): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'dracula-watchdog', folder], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  return {
    guard: (pid) => void shell.stdin.write(`${pid}\n`),
    stop: () => void shell.kill('SIGKILL'),
  }
}
