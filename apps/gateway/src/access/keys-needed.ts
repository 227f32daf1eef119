/** No start: other machines can reach this gateway, and no team has a key. The message says what to do. */
export class KeysNeeded extends Error {
  override readonly name = 'KeysNeeded';
  constructor(host: string) {
    super(
      `HOST ${host} can be reached by other machines and no team has a key yet. ` +
        'Make one (npm run keys -- create <team>), or set GATEWAY_OPEN=true to let everybody in.',
    );
  }
}
