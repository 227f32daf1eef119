import {
  Failure,
  findEndpoint,
  invalidRequest,
  isFailure,
  shownName,
} from '@glasshouse/coinglass-client';
import {
  answerKeyOf,
  storeUnavailable,
  type AnswerStore,
  type Serves,
  type StoredAnswer,
} from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import type { Access, Caller } from '../access/access.ts';
import type { Deciding } from '../asks/deciding.ts';
import type { RequestObserver } from '../observe/request-observer.ts';
import { render } from '../representations/render.ts';
import { negotiate } from './encoding.ts';
import { pathOf } from './path.ts';
import { writeProblem } from './problem.ts';
import { parseQuery } from './query.ts';
import { sendVariant } from './send.ts';

const route = '/v1/answers/:key';
const keyForm = /^v1\.[\w-]{22}$/;

export interface AnswerRouteParts {
  readonly access: Access;
  readonly store: Pick<AnswerStore, 'read'>;
  readonly upstream: Deciding['upstream'];
  readonly serves: Serves;
  readonly observer: RequestObserver;
  readonly now?: () => number;
}

/** Where a queue producer reads the answer of a finished job: by the key in the job's result, for as long as it is stored. */
export const registerAnswerRoute = (
  fastify: FastifyInstance,
  { access, store, upstream, serves, observer, now = Date.now }: AnswerRouteParts,
): void => {
  /** In a place of its own an answer is the asker's, whoever fetched it. */
  const isServed = ({ facts }: StoredAnswer): boolean =>
    serves(facts) || answerKeyOf({ ...upstream, ...facts }) !== facts.key;
  const read = async (key: string, rawUrl: string) => {
    const query = parseQuery(rawUrl);
    const unknown = [...query.keys()].filter((name) => name !== 'face');
    if (unknown.length > 0) {
      throw invalidRequest(
        unknown.map((name) => ({
          field: shownName(name),
          message: 'is not a parameter of this route',
          allowed: ['face'],
        })),
      );
    }
    const face = query.get('face') ?? 'house';
    if (face !== 'house' && face !== 'vendor') {
      throw invalidRequest([
        { field: 'face', message: 'must be house or vendor', allowed: ['house', 'vendor'] },
      ]);
    }
    const answer = keyForm.test(key) ? await readStore(store, key, face) : undefined;
    const endpoint = answer && findEndpoint(answer.facts.endpoint);
    if (!answer || !endpoint || isFailure(endpoint) || !isServed(answer)) throw noSuchAnswer();
    const { params } = answer.facts;
    const ask = { endpoint, face, params, askedKey: key, asked: params, strict: true } as const;
    const representation = render(ask, answer);
    return now() < representation.freshUntil ? representation : representation.asStale('as-stored');
  };

  fastify.get(route, (request, reply) => {
    const { key } = request.params as { key: string };
    reply.hijack();
    const { raw: incoming } = request;
    const { raw: response } = reply;
    return observer.observe(incoming, { route, operation: 'answers' }, async (traceId) => {
      let caller: Caller | undefined;
      try {
        caller = await access.enter(incoming.headers, 'read', incoming.socket.remoteAddress);
        const representation = await read(key, incoming.url ?? '');
        const variant = await representation.encoded(
          negotiate(incoming.headers['accept-encoding']),
        );
        const cache = representation.meta.stale ? 'stale' : 'hit';
        const ageMs = now() - representation.fetchedAt;
        sendVariant(incoming, response, representation, variant, cache, ageMs, [
          'x-trace-id',
          traceId,
        ]);
        return { status: response.statusCode, cache, source: representation.meta.source, caller };
      } catch (thrown) {
        const failure = observer.asFailure(thrown);
        writeProblem(response, failure, { instance: pathOf(incoming), traceId });
        return { status: response.statusCode, failure, caller };
      }
    });
  });
};

const readStore = async (
  store: AnswerRouteParts['store'],
  key: string,
  face: 'house' | 'vendor',
) => {
  try {
    return await store.read(key, face);
  } catch (cause) {
    throw storeUnavailable(cause);
  }
};

const noSuchAnswer = (): Failure =>
  new Failure('job-unknown', 'There is no such answer, or it has expired; fetch it again', {
    errors: [{ field: 'key', message: 'is not stored' }],
  });
