# syntax=docker/dockerfile:1
# One image for all apps: APP says which one a container is (gateway, fetcher, health, sandbox).

FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps/gateway/package.json apps/gateway/
COPY apps/fetcher/package.json apps/fetcher/
COPY apps/health/package.json apps/health/
COPY apps/sandbox/package.json apps/sandbox/
COPY libs/coinglass-client/package.json libs/coinglass-client/
COPY libs/rate-limiter/package.json libs/rate-limiter/
COPY libs/fetch-queue/package.json libs/fetch-queue/
COPY libs/flags/package.json libs/flags/
COPY libs/canary/package.json libs/canary/
COPY libs/teams/package.json libs/teams/
COPY libs/service-kit/package.json libs/service-kit/
COPY libs/private-redis/package.json libs/private-redis/
COPY e2e/package.json e2e/
COPY proof/package.json proof/
# With the optional packages: the compiler's binary is one. No install script is needed.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY tsconfig.base.json tsconfig.json ./
COPY libs libs
COPY apps apps
RUN node node_modules/tsc7/bin/tsc -b
# What runs is dist and the manifests.
RUN find apps libs -name node_modules -prune -o \( -name src -o -name '*.spec.*' -o -name testing -o -path libs/private-redis/dist -o -name '*.d.ts' -o -name '*.d.ts.map' -o -name tsconfig.tsbuildinfo \) -prune -exec rm -rf {} +

# Without the optional packages the image's own Node is the only one.
FROM build AS dependencies
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error

FROM node:26-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 APP=gateway
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/libs libs
COPY --from=dependencies /app/apps apps
COPY config config
COPY tools/container tools/container
RUN mkdir var && chown node:node var
USER node
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "tools/container/healthcheck.mjs"]
STOPSIGNAL SIGTERM
CMD ["node", "tools/container/entry.mjs"]
