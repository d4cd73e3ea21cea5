/** Seconds that things last. */
export const lasts = {
  accessToken: 3600,
  systemToken: 300, // as the backend services profile advises
  code: 60,
  grant: 90 * 86_400,
  refreshToken: 90 * 86_400,
  session: 8 * 3600,
  interaction: 1800,
} as const;
