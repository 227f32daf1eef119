import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, type RawData } from 'ws';
import { startTestbed, type Testbed } from '../testbed.ts';
import { ordersOf } from './orders.ts';

describe('the WebSocket', () => {
  let bed: Testbed;
  const sockets: WebSocket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await bed.sandbox.close();
  });

  const start = async (options: Parameters<typeof startTestbed>[0] = {}) => {
    bed = await startTestbed({ pushEveryMs: 10, ...options });
  };
  const connect = (key = 'sandbox', path = '/ws-api') => {
    const socket = new WebSocket(
      `${bed.sandbox.url.replace('http', 'ws')}${path}?cg-api-key=${key}`,
    );
    // Terminated before it opened, a socket complains.
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  const opened = async (key?: string) => {
    const socket = connect(key);
    await once(socket, 'open');
    return socket;
  };
  const heard = async (socket: WebSocket): Promise<string> => {
    const [data] = (await once(socket, 'message')) as [RawData];
    return (data as Buffer).toString('utf8');
  };

  it('answers text ping with text pong, on a labelled upgrade', async () => {
    await start();
    const socket = connect();
    const [[response]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as [
      [{ headers: Record<string, string> }],
      unknown,
    ];
    expect(response.headers['x-glasshouse-sandbox']).toBe('1');
    socket.send('ping');
    expect(await heard(socket)).toBe('pong');
  });

  it.each([
    ['liquidationOrders', ['baseAsset', 'exName', 'price', 'side', 'symbol', 'time', 'volUsd']],
    [
      'liquidation_orders',
      ['base_asset', 'exchange', 'price', 'side', 'symbol', 'time', 'volume_usd'],
    ],
  ])(
    'pushes the same orders for the same second on %s, in its own fields',
    async (channel, fields) => {
      let now = Date.parse('2026-11-23T07:08:09.500Z');
      await start({ clock: () => now });
      const socket = await opened();
      socket.send(JSON.stringify({ method: 'subscribe', channels: [channel] }));
      socket.send('ping');
      expect(await heard(socket)).toBe('pong');
      now += 1000;
      const push = JSON.parse(await heard(socket)) as { channel: string; data: { time: number }[] };
      expect(push.channel).toBe(channel);
      expect(Object.keys(push.data[0] ?? {})).toEqual(fields);
      const second = Math.floor(now / 1000);
      expect(push.data.map(({ time }) => time)).toEqual(ordersOf(second).map(({ time }) => time));
    },
  );

  it('stops pushing when the channel is unsubscribed, and ignores what it does not understand', async () => {
    let now = Date.parse('2026-11-23T07:08:09.500Z');
    await start({ clock: () => now });
    const socket = await opened();
    for (const text of ['nonsense', '{"op":"subscribe","args":["liquidationOrders"]}'])
      socket.send(text);
    for (const method of ['subscribe', 'unsubscribe']) {
      socket.send(JSON.stringify({ method, channels: ['liquidationOrders'] }));
    }
    socket.send('ping');
    expect(await heard(socket)).toBe('pong');
    now += 5000;
    const next = heard(socket);
    // Several pushes would have come before this answer.
    await new Promise((resolve) => setTimeout(resolve, 40));
    socket.send('ping');
    expect(await next).toBe('pong');
  });

  it('closes a wrong key', async () => {
    await start();
    const [code] = (await once(connect('bogus'), 'close')) as [number];
    expect(code).toBe(1008);
  });

  it('lets a plan below Standard connect and ping, and tells it nothing', async () => {
    let now = Date.parse('2026-11-23T07:08:09.500Z');
    await start({ settings: { plan: 'startup' }, clock: () => now });
    const socket = await opened();
    socket.send(JSON.stringify({ method: 'subscribe', channels: ['liquidationOrders'] }));
    now += 5000;
    const next = heard(socket);
    await new Promise((resolve) => setTimeout(resolve, 40));
    socket.send('ping');
    expect(await next).toBe('pong');
  });

  it('can be mute: ws-silent answers no ping', async () => {
    await start();
    await bed.control('PUT', '/scenarios', { rules: [{ behaviour: 'ws-silent', times: 1 }] });
    const [mute, other] = [await opened(), await opened()];
    const messages: unknown[] = [];
    mute.on('message', (data) => messages.push(data));
    mute.send('ping');
    other.send('ping');
    expect(await heard(other)).toBe('pong');
    expect(messages).toEqual([]);
  });

  it('can refuse the upgrade: ws-refuse, and any other path', async () => {
    await start();
    const refusedWith = async (socket: WebSocket) => {
      const [, response] = (await once(socket, 'unexpected-response')) as [
        unknown,
        { statusCode: number; headers: Record<string, string> },
      ];
      return [response.statusCode, response.headers['x-glasshouse-sandbox']];
    };
    expect(await refusedWith(connect('sandbox', '/ws'))).toEqual([404, '1']);
    await bed.control('PUT', '/scenarios', { rules: [{ behaviour: 'ws-refuse' }] });
    expect(await refusedWith(connect())).toEqual([503, '1']);
  });
});
