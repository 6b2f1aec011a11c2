/** Preloaded into the processes of loads: their clock, and how large a file may be that they write. */
import { dlopen, FFIType, ptr } from 'bun:ffi'
import { type ClockSetting, shiftClock } from './clock.ts'

const setting = process.env['TORTURE_CLOCK']
if (setting !== undefined) shiftClock(JSON.parse(setting) as ClockSetting)

const limit = process.env['TORTURE_FILE_BYTES']
if (limit !== undefined) limitFiles(Number(limit))

/** setrlimit(2): what goes beyond it is refused with EFBIG, by a signal first that Bun leaves at its default unless it is ignored. */
function limitFiles(bytes: number): void {
  const ofFiles = 1
  const [signal, ignore] = process.platform === 'darwin' ? [25, 1] : [25, 1]
  const libc = dlopen(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6', {
    setrlimit: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    signal: { args: [FFIType.i32, FFIType.u64], returns: FFIType.u64 },
  })
  libc.symbols.signal(signal, BigInt(ignore))
  if (libc.symbols.setrlimit(ofFiles, ptr(BigUint64Array.of(BigInt(bytes), BigInt(bytes)))) !== 0)
    throw new Error('The limit of files could not be set.')
}
