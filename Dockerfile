# Claimwright: production dependencies only, no build step; Node strips the types.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
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
