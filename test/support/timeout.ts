import { setDefaultTimeout } from 'bun:test'

// A machine that does other things beside may take its time; a test that hangs still ends.
setDefaultTimeout(60_000)
