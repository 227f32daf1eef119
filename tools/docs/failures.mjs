/**
 * docs/reference/failures.md, made of the failures table of coinglass-client (as built) and from what is
 * said here about each kind. What a kind does is decided there; here is only what it means to a person.
 */
import { fileURLToPath } from 'node:url';
import { failures } from '@glasshouse/coinglass-client';

export const pagePath = fileURLToPath(new URL('../../docs/reference/failures.md', import.meta.url));

/**
 * What a kind means, and what to do about it. A kind without its sentences does not compile.
 * @type {Readonly<Record<import('@glasshouse/coinglass-client').FailureKind, string>>}
 */
const meanings = {
  'invalid-request':
    'A parameter, header or URL is malformed, unknown, out of range or given twice. Nothing was asked. `errors` names each field and what is allowed: correct the request.',
  unauthenticated:
    'No key, or one that is malformed, unknown, expired or revoked. Send a team key as `Authorization: Bearer` or `CG-API-KEY`. Operators make them with `npm run keys`.',
  'forbidden-scope':
    'The key is good but lacks the scope that `errors` names. Ask an operator for a key that has it.',
  'team-quota':
    'The team has used up its requests or its permits of this minute. `Retry-After` is when there is one again.',
  'unknown-endpoint':
    'The path, or the `endpoint` of a job, is none that the house serves. See the suggestions, or `/docs` on the gateway.',
  'unknown-instrument':
    'The exchange lists no such coin, pair or instrument. Found in the instrument table, so it costs no request. See the suggestions. Rarely the vendor says it, about a pair that it has just delisted; that is remembered for a minute.',
  'job-unknown':
    'There is no such job, backfill or answer: it has expired, was evicted, was lost with Redis, or is another team’s. Send the job again with the same `Idempotency-Key`; fetch the answer again.',
  'idempotency-conflict':
    'The `Idempotency-Key` was used for a request with another body, within 24 hours. Draw a new key for a new request.',
  'change-refused':
    'A change of the canary or of the flags does not fit what is there by now. Nothing was changed. The detail says what to do first; look again before you send it again.',
  'ambiguous-instrument':
    'Several instruments fit and the house does not choose. `errors[].allowed` lists them: use one as the coin.',
  'interval-not-available':
    'The interval is refused, by our plan or by the vendor, and a wider one may not be served: the request is strict, is on the drop-in face without `x-allow-fallback: true`, or the next three intervals are refused, too. Ask for another interval (`errors` names it where we know one), or allow the fallback. A refusal by the vendor is remembered for 10 minutes.',
  'plan-not-entitled':
    'The CoinGlass plan does not include the endpoint. The detail names the plan that does, and for a heatmap the route to read instead. If our plan is another, correct `COINGLASS_PLAN`. A refusal by the vendor is remembered for 10 minutes.',
  'endpoint-disabled':
    'An operator has switched the endpoint off (flag `endpoint.<id>`). Stored answers are still served; there is none for this question. Wait for the operator, or read `config/flags.json` if you are the operator.',
  'egress-disabled':
    'An operator has switched off all requests to CoinGlass (flag `vendor.egress.enabled`). Stored answers are still served.',
  'queue-full':
    'No permit falls free before the deadline. `Retry-After` is when one does. Ask again then, or with a longer `x-deadline-ms`. If it goes on, the limit is used up, or the limiter has lost its state and waits.',
  'store-unavailable':
    'Redis cannot be reached, and this gateway has nothing in memory for the question. Heals by itself when Redis is back. Also when an answer was evicted between fetching and reading: ask again.',
  'upstream-credentials':
    'CoinGlass says that the key is missing or not valid. Never the fault of the caller. Check `COINGLASS_API_KEY` of the fetcher and the subscription. Remembered: one request a minute tries the key again.',
  'upstream-throttled':
    'CoinGlass has answered 429, and the pause that follows outlasts the deadline. Everybody pauses; `Retry-After` is the end of the pause. If it repeats, somebody else uses the key: look for `limiter.foreign-use` in the log of the fetcher.',
  'upstream-unavailable':
    'CoinGlass failed (5xx, 408, an undocumented code), did not answer in 8 s, broke off, or could not be reached. Up to three sends have failed. Ask again later. Ops: is the vendor down, or the way to it?',
  'upstream-rejected':
    'CoinGlass refused a request that we thought good (400, 404, 405, a redirect), or the upstream is the sandbox and this is production. A bug of ours, or the vendor has changed: report it with the trace id.',
  'upstream-malformed':
    'CoinGlass answered with something that cannot be trusted: HTML, a lost or retyped field, a word where a number belongs, too many bytes. Nothing of it is served. The detail names the field. If it stays, the API has changed: correct the endpoint in the catalogue.',
  'deadline-passed':
    'The answer did not come before the deadline of the caller or of the job. For a caller the fetch goes on and fills the store: ask again.',
  'invalid-job':
    'The data of a job on the shared queue does not fit. The reason of the failed job names each field. Correct the producer.',
  'poison-job':
    'The job ended the process that worked on it, so it was set apart, run once more alone, and ended. Its neighbours are unharmed. Report it with the id of the job.',
  cancelled: 'Its team has cancelled the job. What it had stored stays.',
  internal:
    'A bug of ours. The stack is in the log under the trace id (`gateway.bug`, or `job.end` with `err`); it never leaves.',
};

const quickRetryWords = {
  no: 'no',
  yes: 'yes',
  once: 'once, if it was no JSON',
  'pause-permitting': 'if the pause ends in time',
};

/** @param {import('@glasshouse/coinglass-client').FailureKind} kind */
const row = (kind) => {
  const { status, retryable, quickRetry, job } = failures[kind];
  const cells = [`\`${kind}\``, status, retryable ? 'yes' : 'no', quickRetryWords[quickRetry], job];
  return `| ${[...cells, meanings[kind]].join(' | ')} |`;
};

/** The whole page. @returns {string} */
export const failuresPage = () => {
  const kinds = /** @type {(keyof typeof failures)[]} */ (Object.keys(failures));
  const told = Object.keys(meanings);
  const untold = kinds.filter((kind) => !told.includes(kind));
  const gone = told.filter((kind) => !Object.hasOwn(failures, kind));
  if (untold.length > 0 || gone.length > 0)
    throw new Error(
      `tools/docs/failures.mjs must tell of every kind and of no other: missing ${untold.join(', ') || 'none'}; unknown ${gone.join(', ') || 'none'}.`,
    );
  return `<!-- Written by tools/docs/failures.mjs from libs/coinglass-client/src/failures.ts. Do not edit: npm run build && npm run docs -->

# Failures

Every way in which a read or a job can fail. A reader of the gateway gets a problem
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with the status below and the kind in \`kind\`; a [queue](../queue.md) producer finds the kind at the
beginning of the failed reason (\`unknown-instrument: OKX lists no SLO\`).

- **HTTP**: the status at the gateway. \`invalid-request\` keeps the status of HTTP itself where there is one: 405 for a method,
  414 for a URL of over 4096 characters, 431 for headers of over 16 KiB.
- **Retryable**: whether the same question may be answered later without anybody changing anything. It stands in the problem as \`retryable\`.
  Every 503 has a \`Retry-After\`, quoted where we know the time, else 5 s.
- **Quick retry**: whether the fetcher itself sends again at once, at most three times in all, each with a permit of its own.
- **Job**: what becomes of a fetch job. \`discard\`: it fails for good. \`retry\`: the queue tries again, up to five attempts (jobs of the shared queue
  only). \`pause\`: it goes back until the pause is over and spends no attempt. A job that finds no permit, no Redis or no time in this run also
  goes back while its own deadline lasts.

| Kind | HTTP | Retryable | Quick retry | Job | What it means and what to do |
|---|---|---|---|---|---|
${kinds.map(row).join('\n')}

What operators do about them: [operating](../operating.md). Where the table is kept and why: [decision 0003](../decisions/0003-failures-as-a-table.md).
`;
};
