import { isLoopback } from './datatypes/host.ts';
import { isTimeZone } from './datatypes/date.ts';
import type { Limits } from './interaction/limits.ts';
import { authorizationOf, type AuthorizationConfig } from './authorizationSettings.ts';
import { limitsFrom, limitSettings } from './limitSettings.ts';
import type { Allowed } from './transport/transport.ts';

/** The settings of the server, read once. See README.md, Settings. */
export interface Config extends AuthorizationConfig {
  readonly host: string;
  readonly port: number; // 0 picks a free one
  readonly publicUrl?: string; // base of every link; without it, from host and port
  readonly store: string;
  readonly seed: 'demo' | 'none' | 'conformance' | 'year';
  readonly payer: 'simulator' | 'none';
  readonly submitWait: number; // milliseconds
  readonly timeZone: string; // IANA name; where no Organization or Location says another
  readonly profiles?: string; // folder or .tgz files of further packages, parted by commas
  readonly transport?: Allowed; // where trading partners may be
  readonly log: LogLevel;
  readonly limits?: Limits; // of one request; without it, the defaults
}

export type LogLevel = 'silent' | 'error' | 'info' | 'debug';

/** A setting that is unknown or wrong; the start stops with its message. */
export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;
const names = [
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'STORE',
  'AUTH',
  'TOKEN',
  'TLS_CERT',
  'TLS_KEY',
  'TRUSTED_PROXIES',
  'REGISTRATION',
  'RATE_LIMIT',
  'SEED',
  'PAYER',
  'SUBMIT_WAIT',
  'TIME_ZONE',
  'PROFILES',
  'TRANSPORT_ROOT',
  'TRANSPORT_HOSTS',
  'SECRETS',
  'LOG',
  ...Object.keys(limitSettings),
];
const prefix = 'CLAIMWRIGHT_';
const submitWaitMax_s = 30;

/** Reads the environment; throws ConfigError naming the setting that is unknown or wrong. */
export function readConfig(environment: Environment): Config {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(prefix) || name.startsWith(`${prefix}TEST_`)) continue;
    if (!names.includes(name.slice(prefix.length))) {
      throw new ConfigError(`${name} is not a setting; there are ${names.map((n) => prefix + n).join(', ')}`);
    }
  }
  const profiles = setting(environment, 'PROFILES');
  const host = setting(environment, 'HOST') ?? '127.0.0.1';
  const publicUrl = publicUrlOf(setting(environment, 'PUBLIC_URL'));
  const limits = limitsFrom(
    (name) => setting(environment, name),
    (name) => {
      throw new ConfigError(`${prefix}${name} must be a whole number of at least 1`);
    },
  );
  return {
    host,
    port: portOf(environment),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(profiles === undefined ? {} : { profiles }),
    store: storeOf(setting(environment, 'STORE') ?? 'sqlite:data/claimwright.db'),
    ...authorizationOf({ setting: (name) => setting(environment, name), host, publicUrl, refuse }),
    seed: oneOf(environment, 'SEED', ['demo', 'none', 'conformance', 'year']),
    // Payments that are only simulated must be asked for where others can reach the server.
    payer: oneOf(environment, 'PAYER', isLoopback(host) ? ['simulator', 'none'] : ['none', 'simulator']),
    submitWait: submitWaitOf(environment),
    timeZone: timeZoneOf(setting(environment, 'TIME_ZONE') ?? 'America/New_York'),
    ...transportOf(environment),
    log: oneOf(environment, 'LOG', ['info', 'silent', 'error', 'debug']),
    ...(limits ? { limits } : {}),
  };
}

/** Stops the start; the text says what the setting must be. */
const refuse = (name: string, text: string): never => {
  throw new ConfigError(`${prefix}${name} ${text}`);
};

const setting = (environment: Environment, name: string): string | undefined => {
  const value = environment[prefix + name];
  if (value === '') throw new ConfigError(`${prefix}${name} is empty: leave it out or give it a value`);
  return value;
};

/** One of a few words; the first is the default. */
function oneOf<T extends string>(environment: Environment, name: string, allowed: readonly [T, ...T[]]): T {
  const value = setting(environment, name);
  if (value === undefined) return allowed[0];
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new ConfigError(`${prefix}${name} must be one of ${allowed.join(', ')}`);
  return found;
}

/** Seconds that $submit waits for an answer, as milliseconds. A lease of 60 s must outlast it. */
function submitWaitOf(environment: Environment): number {
  const value = setting(environment, 'SUBMIT_WAIT') ?? '10';
  if (!/^\d{1,2}$/.test(value) || Number(value) > submitWaitMax_s)
    throw new ConfigError(`${prefix}SUBMIT_WAIT must be a number of seconds from 0 to ${submitWaitMax_s}`);
  return Number(value) * 1000;
}

/** Which folders and hosts trading partners may have, and where the secrets for them are. */
function transportOf(environment: Environment): Pick<Config, 'transport'> {
  const root = setting(environment, 'TRANSPORT_ROOT');
  const secrets = setting(environment, 'SECRETS');
  const hosts = (setting(environment, 'TRANSPORT_HOSTS') ?? '').split(',').map((host) => host.trim());
  const named = hosts.filter((host) => host !== '');
  const wrong = named.find((host) => !/^[a-z0-9.\-:[\]]+$/i.test(host));
  if (wrong !== undefined)
    throw new ConfigError(`${prefix}TRANSPORT_HOSTS must be hosts or host:port, parted by commas`);
  if (root === undefined && secrets === undefined && named.length === 0) return {};
  return {
    transport: {
      ...(root === undefined ? {} : { root }),
      ...(secrets === undefined ? {} : { secrets }),
      hosts: named,
    },
  };
}

function portOf(environment: Environment): number {
  const name = environment[`${prefix}PORT`] === undefined ? 'PORT' : `${prefix}PORT`;
  const value = environment[name] ?? '8080';
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new ConfigError(`${name} must be a port number from 0 to 65535`);
  }
  return Number(value);
}

function publicUrlOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new ConfigError(
      `${prefix}PUBLIC_URL must be an http or https URL, as in https://billing.example/fhir`,
    );
  }
  return value.replace(/\/+$/, '');
}

function storeOf(value: string): string {
  if (!/^(?:sqlite:.|mongodb:\/\/.|mongodb\+srv:\/\/.)/.test(value)) {
    throw new ConfigError(`${prefix}STORE must be sqlite:FILE, sqlite::memory: or mongodb://…`);
  }
  return value;
}

function timeZoneOf(value: string): string {
  if (isTimeZone(value)) return value;
  throw new ConfigError(`${prefix}TIME_ZONE must be a name of the IANA database, as in America/New_York`);
}
