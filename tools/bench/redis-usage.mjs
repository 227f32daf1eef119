/**
 * What Redis did between two readings.
 * @typedef {object} Usage
 * @property {number} commands run, those inside scripts included
 * @property {number} scripts scripts among them
 * @property {number} scriptUs spent inside scripts, µs
 * @property {number} cpuUs of the whole server, reading and writing sockets included, µs
 */

/** @param {string} text @param {string} field */
const figure = (text, field) => Number(new RegExp(`^${field}:(.*)\r?$`, 'm').exec(text)?.[1] ?? 0);

const scriptCommands = ['eval', 'evalsha', 'fcall'];

/** @param {import('ioredis').Redis} redis @returns {Promise<Usage>} since its start */
const reading = async (redis) => {
  const [cpu, stats] = await Promise.all([redis.info('cpu'), redis.info('commandstats')]);
  let [commands, scripts, scriptUs] = [0, 0, 0];
  for (const [, name = '', count, us] of stats.matchAll(
    /^cmdstat_(\S+?):calls=(\d+),usec=(\d+)/gm,
  )) {
    if (name === 'info') continue;
    commands += Number(count);
    if (!scriptCommands.includes(name)) continue;
    scripts += Number(count);
    scriptUs += Number(us);
  }
  const cpuUs = 1e6 * (figure(cpu, 'used_cpu_user') + figure(cpu, 'used_cpu_sys'));
  return { commands, scripts, scriptUs, cpuUs };
};

/**
 * @param {import('ioredis').Redis} redis
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Usage>}
 */
export const usageOf = async (redis, work) => {
  const before = await reading(redis);
  await work();
  const after = await reading(redis);
  return {
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    scriptUs: after.scriptUs - before.scriptUs,
    cpuUs: after.cpuUs - before.cpuUs,
  };
};
