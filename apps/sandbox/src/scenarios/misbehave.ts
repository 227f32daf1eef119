import { refusals, withStatus, type Envelope, type VendorAnswer } from '../vendor/envelope.ts';
import { jsonDelivery, type Delivery } from '../traffic/delivery.ts';
import { disorder } from './disorder.ts';
import { addField, notANumber, rename, retype } from './drift.ts';
import type { Misbehaviour } from './rulebook.ts';

const said = ({ status, body }: VendorAnswer, headers: Readonly<Record<string, string>> = {}) =>
  jsonDelivery(status, body, headers);

/** The genuine answer with its data changed; a refusal stays as it is. */
const withData = ({ status, body }: VendorAnswer, change: (data: unknown) => unknown): Delivery => {
  const changed: Envelope = body.code === '0' ? { ...body, data: change(body.data) } : body;
  return jsonDelivery(status, changed);
};

const bare: Delivery = {
  status: 200,
  code: null,
  headers: { 'content-type': 'application/json' },
  body: '',
  manner: { kind: 'whole' },
};

const htmlHeaders = { 'content-type': 'text/html; charset=UTF-8' };
const page = `<!DOCTYPE html><html><head><title>Attention Required!</title></head>
<body><h1>Sorry, you have been blocked</h1><p>This page is invented by the sandbox.</p></body></html>`;

/** Turns a rule into what goes on the wire. `genuine` is only asked where the true answer is needed. */
export function misbehave(rule: Misbehaviour, genuine: () => VendorAnswer): Delivery {
  switch (rule.behaviour) {
    case '429-http':
    case '429-body': {
      const status = rule.behaviour === '429-http' ? 429 : 200;
      const { retryAfter } = rule;
      const headers: Record<string, string> =
        retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return said(withStatus(refusals.tooManyRequests, status), headers);
    }
    case '422-http':
      return said(withStatus(refusals.notAcceptable, 422));
    case '422-body':
      return said(refusals.notAcceptable);
    case '403-in-200':
      return said(refusals.intervalTooFine);
    case 'upgrade-plan':
      return said(refusals.planTooSmall);
    case '401-key':
      return said(refusals.keyMissing);
    case '400-key':
      return said(refusals.keyInvalid);
    case '400-pair':
      return said(refusals.noSuchPair);
    case '404':
      return said(refusals.noSuchPath);
    case '500-http':
      return said(withStatus(refusals.serverError, 500));
    case '500-body':
      return said(refusals.serverError);
    case 'html':
      return { ...bare, status: rule.status, headers: htmlHeaders, body: page };
    case 'redirect':
      return { ...bare, status: rule.status, headers: { ...htmlHeaders, location: rule.to } };
    case 'empty':
      return withData(genuine(), () => []);
    case 'disorder':
      return withData(genuine(), (data) => disorder(data, rule));
    case 'drift-rename':
      return withData(genuine(), (data) => rename(data, rule.field, rule.to));
    case 'drift-retype':
      return withData(genuine(), (data) => retype(data, rule.as, rule.field));
    case 'drift-add':
      return withData(genuine(), (data) => addField(data, rule.field));
    case 'not-a-number':
      return withData(genuine(), (data) => notANumber(data, rule.value, rule.field));
    case 'truncated': {
      const whole = said(genuine());
      return { ...whole, body: whole.body.slice(0, Math.ceil(whole.body.length / 2)) };
    }
    case 'reset':
      return { ...said(genuine()), manner: { kind: 'reset' } };
    case 'no-answer':
      return { ...bare, status: null, manner: { kind: 'silence' } };
    case 'slow-body': {
      const { everyMs, chunkBytes } = rule;
      return { ...said(genuine()), manner: { kind: 'dribble', everyMs, chunkBytes } };
    }
    case 'huge':
    case 'gzip-bomb': {
      const { bytes, behaviour } = rule;
      return { ...bare, code: '0', manner: { kind: 'filler', bytes, gzip: behaviour !== 'huge' } };
    }
  }
}
