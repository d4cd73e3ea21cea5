import { exchangeOf, pathOf, type Step } from '../exchange.ts';
import { send } from '../send.ts';
import { smartConfiguration } from './discovery.ts';
import type { SmartServer } from './smartServer.ts';

const path = /^\/fhir\/\.well-known\/smart-configuration\/?$/;

/** GET [base]/.well-known/smart-configuration: for everybody, and always JSON. */
export function smartDiscovery({ base, settings }: SmartServer): Step {
  const body = JSON.stringify(smartConfiguration(base, settings.registration));
  return (request, response, next) => {
    if (!path.test(pathOf(request.url)) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      next();
      return;
    }
    const exchange = exchangeOf(response);
    exchange.route = '/fhir/.well-known/smart-configuration';
    exchange.presentation = { contentType: 'application/json', pretty: false };
    send(request, response, { status: 200, body });
  };
}
