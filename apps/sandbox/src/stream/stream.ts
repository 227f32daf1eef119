import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { sandboxHeader } from '../label.ts';
import type { SandboxState } from '../state.ts';
import { judgeKey } from '../vendor/keys.ts';
import { includes } from '../vendor/plans.ts';
import { orderChannels, ordersOf } from './orders.ts';
import { channelRequest } from './request.ts';

const path = '/ws-api';
const channelsMax = 100;

const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.end(
    `HTTP/1.1 ${status}\r\n${sandboxHeader.name}: ${sandboxHeader.value}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
};

/**
 * The vendor's WebSocket: text `ping` and `pong`, subscriptions without acknowledgement, liquidation orders as data. A wrong key
 * is closed with 1008, which is our guess; a plan below Standard may connect and then hears nothing, which is recorded.
 */
export class OrderStream {
  readonly #state: SandboxState;
  readonly #pushEveryMs: number;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });

  constructor(state: SandboxState, pushEveryMs: number) {
    this.#state = state;
    this.#pushEveryMs = pushEveryMs;
    this.#sockets.on('headers', (headers) => {
      headers.push(`${sandboxHeader.name}: ${sandboxHeader.value}`);
    });
    this.#sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
      this.#welcome(socket, request);
    });
  }

  get open(): number {
    return this.#sockets.clients.size;
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      if (request.url?.split('?')[0] !== path) return refuseUpgrade(socket, '404 Not Found');
      if (this.#state.rules.strikesSocket('ws-refuse')) {
        return refuseUpgrade(socket, '503 Service Unavailable');
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => {
        this.#sockets.emit('connection', opened, request);
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #welcome(socket: WebSocket, request: IncomingMessage): void {
    socket.on('error', () => socket.terminate());
    const query = new URLSearchParams(request.url?.split('?')[1]);
    if (judgeKey(query.get('cg-api-key') ?? undefined, this.#state.onlyKey) !== 'accepted') {
      socket.close(1008, 'Invalid API key provided');
      return;
    }
    if (this.#state.rules.strikesSocket('ws-silent')) return;
    const channels = new Set<string>();
    socket.on('message', (data) => this.#hear(socket, channels, data));
    let told = this.#second();
    const timer = setInterval(() => {
      const upTo = this.#second();
      // A clock that was set leaves no backlog.
      const from = Math.max(told + 1, upTo - 10);
      told = upTo;
      if (channels.size === 0 || !includes(this.#state.settings.plan, 'standard')) return;
      for (let second = from; second <= upTo; second += 1) push(socket, channels, second);
    }, this.#pushEveryMs);
    socket.on('close', () => clearInterval(timer));
  }

  #second(): number {
    return Math.floor(this.#state.clocks.market() / 1000);
  }

  #hear(socket: WebSocket, channels: Set<string>, data: RawData): void {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    if (text === 'ping') {
      socket.send('pong');
      return;
    }
    const asked = channelRequest(text);
    for (const channel of asked?.channels ?? []) {
      if (asked?.method === 'unsubscribe') channels.delete(channel);
      else if (channels.size < channelsMax) channels.add(channel);
    }
  }
}

function push(socket: WebSocket, channels: ReadonlySet<string>, second: number): void {
  for (const channel of channels) {
    const rendered = Object.hasOwn(orderChannels, channel) ? orderChannels[channel] : undefined;
    if (rendered) socket.send(JSON.stringify({ channel, data: ordersOf(second).map(rendered) }));
  }
}
