/**
 * Stops with a sentence when a tool was started past npm, on an older Node than the one the project carries. Imported
 * first, and so it uses nothing that an older Node lacks.
 */
const oldest = 24;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(
    `This needs Node ${oldest} or newer and runs on ${process.version}: use the npm scripts (npm start, npm test, npm run check), which take the Node that comes with the project; where npm skips scripts (ignore-scripts), run node tools/ensure-deps.mjs first.\n`,
  );
  process.exit(1);
}
