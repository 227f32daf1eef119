import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStream } from './event-stream.ts';

describe('an event stream', () => {
  let server: Server;
  let stream: EventStream | undefined;
  beforeEach(async () => {
    stream = undefined;
    server = createServer((_request, response) => {
      stream = new EventStream(response, 'trace', 20);
    });
    await new Promise<void>((on) => server.listen(0, '127.0.0.1', on));
  });
  afterEach(() => {
    stream?.close();
    server.closeAllConnections();
    server.close();
  });

  const port = () => (server.address() as AddressInfo).port;
  const opened = async (): Promise<EventStream> => {
    while (!stream) await new Promise((on) => setTimeout(on, 1));
    return stream;
  };

  it('writes events as an EventSource reads them, and keeps the line alive between', async () => {
    const response = await fetch(`http://127.0.0.1:${port()}`);
    const open = await opened();
    open.send({ event: 'state', id: 'a.1', data: { text: 'two\nlines' } });
    await new Promise((on) => setTimeout(on, 50));
    open.close();
    open.send({ event: 'late', id: 'b', data: {} });
    const text = await response.text();
    expect(text).toMatch(
      /^retry: 2000\n\nevent: state\nid: a\.1\ndata: \{"text":"two\\nlines"\}\n\n/,
    );
    expect(text).toContain('\n: here\n\n');
    expect(text).not.toContain('late');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('drops a reader that does not read, and is over then', async () => {
    const socket = connect(port(), '127.0.0.1', () => {
      socket.pause();
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    });
    socket.on('error', () => undefined);
    const open = await opened();
    const data = 'x'.repeat(10_000);
    for (let sent = 0; !open.signal.aborted && sent < 10_000; sent += 1) {
      open.send({ event: 'state', id: String(sent), data });
      if (sent % 20 === 0) await new Promise((on) => setImmediate(on));
    }
    expect(open.signal.aborted).toBe(true);
    socket.destroy();
  });

  it('is over when its reader goes', async () => {
    const leaving = new AbortController();
    await fetch(`http://127.0.0.1:${port()}`, { signal: leaving.signal });
    const open = await opened();
    leaving.abort();
    while (!open.signal.aborted) await new Promise((on) => setTimeout(on, 1));
    expect(open.signal.aborted).toBe(true);
  });
});
