import { scopes } from '@glasshouse/teams';

export const usage = `Usage: npm run keys -- <command>

  create <team>          makes a key for a team (and the team, if it is new) and prints it once
      --scopes a,b       what the key may do: ${scopes.join(', ')}
                         (default: read; admin includes all others)
      --expires when     2027-01-01, 2027-01-01T12:00:00Z or 90d; default: never
      --weight n         the team's share of the limit beside other teams, 1 to 100 (new team: 1)
      --requests-per-minute n|none   HTTP requests at all gateways together (new team: none)
      --permits-per-minute n|none    requests to CoinGlass on its account (new team: none)
  list [--json]          teams and keys, without secrets
  rotate <team>          a second key with the first one's scopes; the first ends after --keep
      --keep duration    24h (default), 30m, 7d, or 0 to end it at once
      --expires when     for the new key; default: as long as the first was made for
  revoke <key id|team>   ends one key, or all keys of a team, at every gateway within 10 s

  --json                 create, rotate: the key and its facts as one JSON object
  --help                 show this

The key itself is the only thing on standard output; the rest is on standard error. It is stored nowhere.
Needs the house's Redis: the one that npm start runs from this folder, or REDIS_URL.
Exit code: 0 done, 1 refused, 2 wrong use or configuration, 3 no Redis.
`;
