/** Starts the sandbox from the environment, says so in one line, and stops cleanly on SIGTERM or SIGINT. */
import { BadConfig, readConfig, type Config } from './config.ts';
import { createSandbox } from './sandbox.ts';

function giveUp(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function configOrExit(): Config {
  try {
    return readConfig();
  } catch (thrown) {
    if (thrown instanceof BadConfig) giveUp(`The sandbox cannot start:\n${thrown.message}`);
    throw thrown;
  }
}

const config = configOrExit();
const sandbox = createSandbox({
  host: config.HOST,
  port: config.SANDBOX_PORT,
  ...(config.SANDBOX_KEY !== undefined && { key: config.SANDBOX_KEY }),
  settings: {
    plan: config.SANDBOX_PLAN,
    limit: config.SANDBOX_LIMIT,
    windowMs: config.SANDBOX_WINDOW_MS,
    window: config.SANDBOX_WINDOW,
    refusal: config.SANDBOX_REFUSAL,
    latencyMs: config.SANDBOX_LATENCY_MS,
  },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void sandbox.close().then(() => process.exit(0));
  });
}

try {
  const url = await sandbox.listen();
  process.stdout.write(
    `SANDBOX: invented figures, not CoinGlass data. ${url} (plan ${config.SANDBOX_PLAN}, ` +
      `${config.SANDBOX_LIMIT} requests per ${config.SANDBOX_WINDOW_MS / 1000} s; switches: ${url}/__sandbox)\n`,
  );
} catch (thrown) {
  const { code, message } = thrown as NodeJS.ErrnoException;
  giveUp(
    code === 'EADDRINUSE'
      ? `The sandbox cannot listen: ${config.HOST}:${config.SANDBOX_PORT} is already taken. Set SANDBOX_PORT to another port.`
      : `The sandbox cannot listen on ${config.HOST}:${config.SANDBOX_PORT}: ${message}`,
  );
}
