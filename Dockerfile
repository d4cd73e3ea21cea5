# Claimwright: production dependencies only, no build step; Node strips the types.
# The base is named by digest, so that every build has the same one. Another: --build-arg NODE_IMAGE=node:26-slim
ARG NODE_IMAGE=node:26.10.0-trixie-slim@sha256:930557a230abacbc3f4fd9b8648abf8f4bee1e17cb72195dcdfb2f709bc85b33

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# A unit library names TypeScript as its peer, and does not need it to run.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/typescript node_modules/.bin

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    CLAIMWRIGHT_HOST=0.0.0.0 \
    CLAIMWRIGHT_PORT=8080 \
    CLAIMWRIGHT_STORE=sqlite:/data/claimwright.db \
    CLAIMWRIGHT_AUTH=token
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE NOTICE ./
COPY profiles ./profiles
COPY seed ./seed
COPY script/start.js ./script/
COPY src ./src
RUN mkdir /data node_modules/.cache && chown node:node /data node_modules/.cache
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CLAIMWRIGHT_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "script/start.js"]
