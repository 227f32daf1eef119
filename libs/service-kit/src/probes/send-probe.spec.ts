import { expect, it } from '@jest/globals';
import { sendProbe, type ProbeReply } from './send-probe.ts';

it('a probe is answered with its status, its headers and bytes, to which nobody adds a charset', () => {
  const sent: unknown[] = [];
  const reply: ProbeReply = {
    status: (code) => {
      sent.push(code);
      return reply;
    },
    headers: (values) => {
      sent.push(values);
      return reply;
    },
    send: (payload) => sent.push(payload),
  };
  const headers = { 'content-type': 'application/health+json' };
  sendProbe(reply, { status: 503, headers, body: { status: 'fail' } });
  expect(sent).toEqual([503, headers, Buffer.from('{"status":"fail"}')]);
});
