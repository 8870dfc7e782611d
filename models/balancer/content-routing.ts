/**
 * Content routing: the pool of backends follows from the request's path and headers, as in an application gateway. Of the
 * routes that match, the one with the longest path wins, then one with a header over one without, then the first in the list (the
 * order of the Kubernetes Gateway API's HTTPRoute).
 */
import { ConfigError } from '../../sim/index.ts';

/** What routing looks at in a payload. */
export interface ContentRequest {
  /** Such as `/api/orders/7`. Default `/`. */
  readonly path?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ContentRoute {
  /** Matches paths that begin with these elements: `/api` matches `/api` and `/api/orders`, not `/apiary`. Default `/`: all. */
  readonly path?: string;
  /** A header that must have this value. Default: none need be there. */
  readonly header?: { readonly name: string; readonly value: string };
  /** Name of the pool. */
  readonly pool: string;
}

/** The pool of a request; undefined: no route matches. To be given to a balancer as `poolOf`. Throws ConfigError. */
export function contentRouting(
  routes: readonly ContentRoute[],
): (message: string, payload: unknown) => string | undefined {
  for (const [i, { path = '/' }] of routes.entries()) {
    if (!path.startsWith('/') || (path.length > 1 && path.endsWith('/')))
      throw new ConfigError(`contentRouting[${i}].path`, path, 'a path such as /api, without a / at its end');
  }
  const specific = routes.toSorted(
    (a, b) =>
      (b.path ?? '/').length - (a.path ?? '/').length ||
      Number(b.header !== undefined) - Number(a.header !== undefined),
  );
  return (_message, payload) => {
    const { path = '/', headers = {} } = payload as ContentRequest;
    const matches = (route: ContentRoute): boolean =>
      (route.path === undefined || route.path === '/' || path === route.path || path.startsWith(`${route.path}/`)) &&
      (route.header === undefined || headers[route.header.name] === route.header.value);
    return specific.find(matches)?.pool;
  };
}
