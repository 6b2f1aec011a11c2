/** Says at the end of its process which modules of lineage and telemetry it has loaded, on a line of stderr. */
process.on('exit', () => {
  const loaded = Object.keys(require.cache).filter((path) =>
    /node_modules\/@opentelemetry\/|\/lib\/(?:lineage|telemetry)\//.test(path),
  )
  process.stderr.write(`loaded ${JSON.stringify(loaded)}\n`)
})
