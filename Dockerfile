# One image for each process:  docker build --target gateway .   docker build --target agent .
# They are configured by environment variables only; see docs/gateway.md and docs/agent.md.

FROM node:22-bookworm-slim AS build
WORKDIR /surtitre
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

# What runs needs neither the tools that built it nor what Vite put into the page.
FROM node:22-bookworm-slim AS dependencies
WORKDIR /surtitre
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && cd node_modules \
  && rm -rf react react-dom react-aria react-aria-components react-stately lucide-react rxjs livekit-client \
    @livekit/components-react @livekit/components-core @fontsource-variable

FROM dependencies AS gateway-dependencies
RUN rm -rf node_modules/onnxruntime-node node_modules/onnxruntime-common node_modules/audio-decode node_modules/@audio \
  && rm -rf node_modules/@livekit/rtc-*

# onnxruntime-node brings the libraries of every system; only this one's are loaded.
FROM dependencies AS agent-dependencies
RUN find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -rf {} + \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -path '*/linux/*' \
    ! -name "$(node -p process.arch)" -exec rm -rf {} +

FROM node:22-bookworm-slim AS gateway
ENV NODE_ENV=production SURTITRE_HTTP_HOST=0.0.0.0 SURTITRE_SOCKET_HOST=0.0.0.0
WORKDIR /surtitre
COPY package.json LICENSE ./
COPY --from=gateway-dependencies /surtitre/node_modules node_modules
COPY --from=build /surtitre/dist/protocol dist/protocol
COPY --from=build /surtitre/dist/runtime dist/runtime
COPY --from=build /surtitre/dist/gateway dist/gateway
COPY --from=build /surtitre/dist/client dist/client
USER node
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SURTITRE_HTTP_PORT || 8080}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/gateway/main.js"]

FROM node:22-bookworm-slim AS agent
# Certificates for a media server behind TLS: LiveKit's native client does not use Node's.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production SURTITRE_AGENT_HEALTH_HOST=0.0.0.0
WORKDIR /surtitre
COPY package.json LICENSE ./
COPY --from=agent-dependencies /surtitre/node_modules node_modules
COPY models models
COPY --from=build /surtitre/dist/protocol dist/protocol
COPY --from=build /surtitre/dist/runtime dist/runtime
COPY --from=build /surtitre/dist/agents dist/agents
USER node
EXPOSE 8082
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SURTITRE_AGENT_HEALTH_PORT || 8082}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/agents/main.js"]
