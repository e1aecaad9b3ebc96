# One image for everything of Quorate that runs in containers: coordinator, mpc-worker, tx-submitter, auditor, the one-shot
# that prepares a deployment, and the command line. Whoever starts a container says which:
#   node dist/apps/mpc-worker/src/main.js
#   node dist/apps/cli/src/main.js --help

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
# secp256k1 brings no binary for linux-arm64: npm ci compiles it there.
RUN [ "$(dpkg --print-architecture)" = amd64 ] \
 || { apt-get update && apt-get install -y --no-install-recommends python3 make g++; }
COPY package.json package-lock.json .npmrc ./
COPY patches ./patches
COPY scripts ./scripts
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN node scripts/build.mjs \
 && npm prune --omit=dev --ignore-scripts \
 && rm -r dist/libs/testing dist/deploy/containers \
# What no program reads: types, source maps, sources of other builds, binaries for other systems.
 && find node_modules dist -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \
      -o -iname '*.md' -o -name '*.markdown' \) -delete \
 && find node_modules/sodium-native/prebuilds -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -r {} + \
 && rm -r node_modules/typeorm/browser node_modules/ethers/dist node_modules/ethers/src.ts node_modules/ethers/lib.esm

FROM node:20.20.2-bookworm-slim
LABEL org.opencontainers.image.title="Quorate" \
      org.opencontainers.image.description="A self-hosted threshold-signing pipeline on Kafka and Postgres" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing is installed in a running container.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /opt/quorate
COPY package.json LICENSE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist/apps ./dist/apps
COPY --from=build /build/dist/libs ./dist/libs
COPY --from=build /build/dist/deploy ./dist/deploy
# Nest's packages are ES modules, loaded by require. In a container "all addresses" are those of its networks.
ENV NODE_ENV=production \
    NODE_OPTIONS=--disable-warning=ExperimentalWarning \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080 \
    GRPC_HOST=0.0.0.0
# The image's own user `node`, by number: so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080 50051
HEALTHCHECK --interval=5s --timeout=10s --start-period=120s --retries=6 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.HTTP_PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/cli/src/main.js", "--help"]
