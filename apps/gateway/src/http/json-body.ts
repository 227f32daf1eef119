import type { IncomingMessage } from 'node:http';
import {
  Failure,
  invalidRequest,
  nearest,
  shown,
  shownName,
  type FieldError,
} from '@glasshouse/coinglass-client';
import { z } from 'zod';
import { RefusedBody } from './refused-body.ts';
import { parseStrictJson } from './strict-json.ts';

export const bodyBytesMax = 64 * 1_024;
/** From the first byte asked for to the last one read. */
const bodyWithinMs = 15_000;

/**
 * A request's JSON body, as its schema has it. The whole of it must be there within 15 s.
 * @throws Failure `invalid-request` with every problem; RefusedBody (408, 413, 415) when it is not even read to its end
 */
export const readJsonBody = async <Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
  withinMs = bodyWithinMs,
): Promise<z.output<Schema>> => {
  checkType(request);
  const parsed = schema.safeParse(parseStrictJson(textOf(await readBytes(request, withinMs))));
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues.flatMap((issue) => problemsOf(issue, schema)));
};

const checkType = ({ headers }: IncomingMessage): void => {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new RefusedBody(415, {
      field: 'content-type',
      message: 'must be application/json',
      allowed: ['application/json'],
    });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new RefusedBody(415, {
      field: 'content-encoding',
      message: 'is not taken; send it plain',
    });
  }
  if (Number(headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge();
};

const readBytes = (request: IncomingMessage, withinMs: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      request.pause();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(tooSlow(withinMs))), withinMs);
    const onData = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      chunks.push(chunk);
      if (bytes > bodyBytesMax) end(() => reject(tooLarge()));
    };
    const onEnd = (): void => end(() => resolve(Buffer.concat(chunks)));
    const onClose = (): void => end(() => reject(brokenOff()));
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });

const textOf = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidRequest([{ field: 'body', message: 'is not UTF-8' }]);
  }
};

const tooLarge = () =>
  new RefusedBody(413, { field: 'body', message: `is larger than ${bodyBytesMax} bytes` });

const tooSlow = (withinMs: number) =>
  new RefusedBody(408, { field: 'body', message: `was not there within ${withinMs / 1_000} s` });

const brokenOff = (): Failure =>
  invalidRequest([{ field: 'body', message: 'ended before its last byte' }]);

/** What zod found, in words that say what to do; a value is repeated only if it is short and plain. */
const problemsOf = (issue: z.core.$ZodIssue, schema: z.ZodType): FieldError[] => {
  const field = fieldOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = membersAt(schema, issue.path);
      return issue.keys.map((name) => ({
        field: fieldOf([...issue.path, name]),
        message: 'is not known here',
        ...(allowed.length > 0 && { allowed, suggestions: nearest(name, allowed) }),
      }));
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const message = `is not one of: ${allowed.join(', ')}`;
      const given = typeof issue.input === 'string' ? issue.input : undefined;
      return [
        {
          field,
          message: given === undefined ? message : `${shown(given)} ${message}`,
          allowed,
          ...(given !== undefined && { suggestions: nearest(given, allowed) }),
        },
      ];
    }
    case 'invalid_type':
      return [
        {
          field,
          message: issue.message.endsWith('received undefined')
            ? 'is required'
            : `must be ${issue.expected}`,
        },
      ];
    default:
      return [{ field, message: issue.message }];
  }
};

const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => shownName(String(part))).join('.') || 'body';

/** The names an object at this path may have, if the schema says. */
const membersAt = (schema: unknown, path: readonly PropertyKey[]): readonly string[] => {
  const plain = withoutWrapper(schema);
  if (!(plain instanceof z.ZodObject)) return [];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(plain.shape);
  return membersAt((plain.shape as Record<PropertyKey, unknown>)[first], rest);
};

const withoutWrapper = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? withoutWrapper(schema.unwrap())
    : schema;
